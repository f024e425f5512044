// Signed notes, checkpoints and verifier keys: what is read is written the same way again, and
// nobody forges a checkpoint.
#include <cstdlib>

#include "ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  using namespace assay::ledger;
  static const NoteVerifier log{"log.example", NoteKeyKind::kEd25519,
                                Ed25519Key::Generate().value().Public()};
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  if (const auto note = ParseNote(text)) {
    if (WriteNote(*note) != text) std::abort();
    if (VerifyNote(*note, log) == NoteVerdict::kSigned) std::abort();
  }
  if (const auto checkpoint = ParseCheckpointText(text)) {
    if (CheckpointText(*checkpoint) != text) std::abort();
  }
  if (const auto key = NoteVerifier::Parse(text)) {
    if (key->ToText() != text) std::abort();
  }
  if (OpenCheckpoint(text, log)) std::abort();
  return 0;
}
