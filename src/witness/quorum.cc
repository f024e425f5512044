#include "witness/quorum.h"

#include <fmt/format.h>

#include <set>

#include "base/limits.h"

namespace assay::witness {
namespace {

tl::unexpected<Error> NoQuorum(std::string what, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, "witnesses: " + std::move(what), std::move(hint));
}

}  // namespace

Result<void> CheckQuorum(const Quorum& quorum) {
  if (quorum.witnesses.size() > limits::kWitnesses) {
    return NoQuorum(fmt::format("at most {} are accepted, found {}", limits::kWitnesses,
                                quorum.witnesses.size()));
  }
  if (quorum.needed > quorum.witnesses.size() ||
      (quorum.needed == 0 && !quorum.witnesses.empty())) {
    return NoQuorum(fmt::format("a quorum of {} out of {}", quorum.needed, quorum.witnesses.size()),
                    "expected a quorum of 1 to as many as there are witnesses");
  }
  std::set<ByteArray<kEd25519KeyBytes>> keys;
  for (const ledger::NoteVerifier& one : quorum.witnesses) {
    if (one.kind != ledger::NoteKeyKind::kCosignatureV1) {
      return NoQuorum(fmt::format("{} is a log's key, expected a witness's", one.name),
                      "`assay witness` prints the key of its witness");
    }
    if (!keys.insert(one.key.bytes()).second) {
      return NoQuorum(fmt::format("the key of {} is given twice", one.name));
    }
  }
  return {};
}

Result<std::vector<std::string>> CosignersOf(const ledger::Note& note, const Quorum& quorum) {
  std::vector<std::string> out;
  for (const ledger::NoteVerifier& one : quorum.witnesses) {
    switch (VerifyNote(note, one)) {
      case ledger::NoteVerdict::kSigned: out.push_back(one.name); break;
      case ledger::NoteVerdict::kNotSigned: break;
      case ledger::NoteVerdict::kForged:
        return NoQuorum(fmt::format("the cosignature of {} does not verify", one.name),
                        "the checkpoint was changed after it was cosigned, or it is forged");
    }
  }
  return out;
}

Result<void> CheckCosigned(std::string_view note, const Quorum& quorum) {
  const ledger::Note parsed = TRY(ledger::ParseNote(note));
  const std::vector<std::string> cosigners = TRY(CosignersOf(parsed, quorum));
  if (cosigners.size() >= quorum.needed) return {};
  return NoQuorum(fmt::format("expected cosignatures of {} of the {} witnesses, found {}",
                              quorum.needed, quorum.witnesses.size(), cosigners.size()),
                  "the ledger's keeper may show this checkpoint to you alone");
}

}  // namespace assay::witness
