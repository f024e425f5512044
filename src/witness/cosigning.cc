#include "witness/cosigning.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "witness/add_checkpoint.h"

namespace assay::witness {
namespace {

using ledger::NoteVerifier;

// The first request may meet another size than was known, the second the cosignature of another
// process of the same log in between.
constexpr int kTries = 3;

tl::unexpected<Error> WitnessError(ErrorCode code, const NoteVerifier& witness, std::string what,
                                   std::string hint = {}) {
  return Fail(code, fmt::format("witness {}: {}", witness.name, what), std::move(hint));
}

tl::unexpected<Error> Forked(const NoteVerifier& witness, std::string what) {
  return WitnessError(ErrorCode::kMalformed, witness, std::move(what),
                      "the ledger was forked or put back: compare its store with published "
                      "checkpoints before it goes on");
}

// Witnesses say in words what is wrong; the first line of them, made harmless for a log.
std::string SaidBy(const WitnessReply& reply) {
  std::string out;
  for (const char c : std::string_view(reply.body).substr(0, 200)) {
    if (c == '\n') break;
    out += c >= ' ' && c < 0x7F ? c : '?';
  }
  return fmt::format("answered {}: {}", reply.status, out);
}

Result<std::string> RequestFor(const SignedTree& tree, std::uint64_t known) {
  AddCheckpoint out{known, {}, tree.note};
  if (known > 0 && known < tree.checkpoint.size) {
    ledger::TileNodes nodes(tree.tiles, tree.checkpoint.size);
    out.proof = TRY(ConsistencyProof(nodes, known, tree.checkpoint.size));
  }
  return WriteAddCheckpoint(out);
}

// Those of other keys are ignored, as the specification has it.
Result<ledger::NoteSignature> CosignatureIn(const SignedTree& tree, const NoteVerifier& witness,
                                            const std::string& body) {
  const auto note = ledger::ParseNote(tree.note + body);
  if (!note || VerifyNote(*note, witness) != ledger::NoteVerdict::kSigned) {
    return WitnessError(ErrorCode::kIo, witness, "answered 200 without a cosignature that verifies",
                        "is it the witness whose key was given?");
  }
  return *std::find_if(note->signatures.begin(), note->signatures.end(),
                       [&witness](const ledger::NoteSignature& one) {
                         return one.name == witness.name && one.key_id == witness.KeyId();
                       });
}

// The size that it cosigned last, for another try; or why there is none.
Result<std::uint64_t> SizeIn(const SignedTree& tree, const NoteVerifier& witness,
                             std::uint64_t known, std::string_view body) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  const auto size = ledger::ParseTreeSize(body);
  if (!size) return WitnessError(ErrorCode::kIo, witness, "answered 409 without a size");
  if (*size == tree.checkpoint.size && *size == known) {
    return Forked(witness, fmt::format("cosigned another tree of {} entries", *size));
  }
  if (*size > tree.checkpoint.size) {
    return WitnessError(
        ErrorCode::kConflict, witness,
        fmt::format("cosigned a tree of {} entries, this one has {}", *size, tree.checkpoint.size),
        "another process of this ledger published meanwhile; if there is none, the "
        "ledger was put back");
  }
  return *size;
}

}  // namespace

Result<ledger::NoteSignature> AskCosignature(const SignedTree& tree, const NoteVerifier& witness,
                                             const AskWitness& ask, std::uint64_t& known) {
  for (int i = 0; i < kTries; ++i) {
    // What it knew may be of a process that has been ahead of this one.
    known = std::min(known, tree.checkpoint.size);
    const std::string request = TRY(RequestFor(tree, known));
    const WitnessReply reply = TRY(ask(request));
    switch (reply.status) {
      case 200: {
        auto out = CosignatureIn(tree, witness, reply.body);
        if (out) known = tree.checkpoint.size;
        return out;
      }
      case 409: known = TRY(SizeIn(tree, witness, known, reply.body)); break;
      case 422: return Forked(witness, SaidBy(reply));
      default: return WitnessError(ErrorCode::kIo, witness, SaidBy(reply));
    }
  }
  return WitnessError(ErrorCode::kIo, witness, "its size changed with each request");
}

}  // namespace assay::witness
