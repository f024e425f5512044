#include "witness/witness.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "witness/add_checkpoint.h"

namespace assay::witness {
namespace {

using ledger::Checkpoint;
using ledger::NoteVerdict;
using ledger::NoteVerifier;

Bytes LogKey(std::string_view origin) {
  return ToBytes(AsBytes("witness/log/" + std::string(origin)));
}

WitnessAnswer Refuse(unsigned status, std::string why) {
  return {status, "text/plain; charset=utf-8", std::move(why) + "\n"};
}

WitnessAnswer Refuse(unsigned status, const Error& error) { return Refuse(status, error.message); }

// So that the log can prove from where this witness stands.
WitnessAnswer KnowsAnother(std::uint64_t size) {
  return {409, std::string(kTreeSizeType), fmt::format("{}\n", size)};
}

bool Continues(const Checkpoint& known, const Checkpoint& given,
               const std::vector<ledger::Hash>& proof) {
  // There is no proof from the empty tree, and none is needed.
  if (known.size == 0) return proof.empty();
  return ledger::VerifyConsistency(known.size, given.size, known.root, given.root, proof);
}

}  // namespace

Witness::Witness(store::Store& store, WitnessOptions options)
    : store_(store),
      options_(std::move(options)),
      verifier_{options_.name, ledger::NoteKeyKind::kCosignatureV1, options_.key.Public()} {}

Result<Witness> Witness::Make(store::Store& store, WitnessOptions options) {
  TRY_VOID(ledger::CheckKeyName(options.name));
  if (options.logs.empty() || options.logs.size() > limits::kWitnessLogs) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("witness: expected 1 to {} logs, found {}", limits::kWitnessLogs,
                            options.logs.size()),
                "name each log by its verifier key");
  }
  for (const NoteVerifier& log : options.logs) {
    if (log.kind == ledger::NoteKeyKind::kEd25519) continue;
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("witness: {} is the key of a witness, expected one of a log", log.name));
  }
  return Witness(store, std::move(options));
}

WitnessAnswer Witness::Add(std::string_view body) {
  const auto request = ParseAddCheckpoint(body);
  if (!request) return Refuse(400, request.error());
  const Judged given = OpenNote(request->checkpoint);
  if (!given) return given.error();
  const Checkpoint& checkpoint = given->checkpoint;
  if (request->old_size > checkpoint.size) {
    return Refuse(400, fmt::format("the old size {} is larger than the checkpoint's, {}",
                                   request->old_size, checkpoint.size));
  }
  for (int i = 0; i < limits::kLedgerAttempts; ++i) {
    const auto known = Read(checkpoint.origin);
    if (!known) return Refuse(500, known.error());
    const std::uint64_t size = known->checkpoint.size;
    if (request->old_size != size) return KnowsAnother(size);
    if (checkpoint.size == size && checkpoint.root != known->checkpoint.root) {
      return KnowsAnother(size);
    }
    if (!Continues(known->checkpoint, checkpoint, request->proof)) {
      return Refuse(422, fmt::format("the tree of {} does not continue the tree of {} that was "
                                     "cosigned, by this proof",
                                     checkpoint.size, size));
    }
    const auto answer = Cosign(*given, *known);
    if (answer) return *answer;
    if (answer.error().code != ErrorCode::kConflict) return Refuse(500, answer.error());
  }
  return Refuse(500, "others wrote all the time: ask again");
}

Witness::Judged Witness::OpenNote(std::string_view note) const {
  auto parsed = ledger::ParseNote(note);
  if (!parsed) return tl::unexpected(Refuse(400, parsed.error()));
  auto checkpoint = ledger::ParseCheckpointText(parsed->text);
  if (!checkpoint) return tl::unexpected(Refuse(400, checkpoint.error()));
  bool known = false;
  for (const NoteVerifier& log : options_.logs) {
    if (log.name != checkpoint->origin) continue;
    known = true;
    if (VerifyNote(*parsed, log) != NoteVerdict::kSigned) continue;
    std::erase_if(parsed->signatures, [&log](const ledger::NoteSignature& one) {
      return one.name != log.name || one.key_id != log.KeyId();
    });
    return Signed{std::move(*checkpoint), std::move(*parsed)};
  }
  return tl::unexpected(
      known ? Refuse(403, fmt::format("no signature of a key of {} verifies", checkpoint->origin))
            : Refuse(404, fmt::format("{} is no log of this witness", checkpoint->origin)));
}

Result<Witness::Known> Witness::Read(std::string_view origin) {
  Known out;
  out.checkpoint.origin = origin;
  out.checkpoint.root = ledger::EmptyRoot();
  const auto row = TRY(store_.Get(LogKey(origin)));
  if (!row) return out;
  const ledger::Note note = TRY(ledger::ParseNote(AsText(row->value)));
  out.checkpoint = TRY(ledger::ParseCheckpointText(note.text));
  out.version = row->version;
  return out;
}

Result<WitnessAnswer> Witness::Cosign(const Signed& given, const Known& known) {
  const ledger::NoteSignature cosignature =
      TRY(ledger::CosignNote(options_.name, options_.key, given.note.text, options_.clock()));
  store::Batch batch;
  batch.expectations.push_back({LogKey(given.checkpoint.origin), known.version});
  batch.puts.push_back(
      {LogKey(given.checkpoint.origin), ToBytes(AsBytes(ledger::WriteNote(given.note)))});
  TRY_VOID(store_.Commit(batch).map([](std::uint64_t) {}));
  return WitnessAnswer{200, "text/plain; charset=utf-8", WriteSignatureLine(cosignature)};
}

Result<std::uint64_t> Witness::KnownSize(std::string_view origin) {
  return Read(origin).map([](const Known& known) { return known.checkpoint.size; });
}

}  // namespace assay::witness
