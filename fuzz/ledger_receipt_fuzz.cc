// COSE receipts and proofs of entries. No key that signed anything is known to the input's author,
// so nothing may ever verify.
#include <cstdlib>

#include "ledger/proof_document.h"

namespace {

using namespace assay;
using namespace assay::ledger;

const NoteVerifier& Log() {
  static const NoteVerifier log{"log.example", NoteKeyKind::kEd25519,
                                Ed25519Key::Generate().value().Public()};
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View bytes = std::as_bytes(std::span(data, size));
  if (VerifyInclusionReceipt(bytes, LeafHash({}), Log())) std::abort();
  if (VerifyConsistencyReceipt(bytes, {1, LeafHash({})}, Log())) std::abort();
  const auto proof = ParseEntryProof(AsText(bytes));
  if (!proof) return 0;
  const auto again = ParseEntryProof(WriteEntryProof(*proof));
  if (!again || again->leaf != proof->leaf || again->receipt != proof->receipt) std::abort();
  if (VerifyEntryProof(*proof, Log())) std::abort();
  return 0;
}
