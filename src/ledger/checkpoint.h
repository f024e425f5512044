// Checkpoints (C2SP tlog-checkpoint): what a log says of its whole tree, signed.
#pragma once

#include <string>
#include <vector>

#include "ledger/merkle.h"
#include "ledger/note.h"

namespace assay::ledger {

struct Checkpoint {
  std::string origin;  // names the log
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  // lines; not read, and none are written by our logs
  bool operator==(const Checkpoint&) const = default;
};

// Decimal without leading zeroes; a hash in base64.
Result<std::uint64_t> ParseTreeSize(std::string_view text);
Result<Hash> ParseHash(std::string_view base64);

// The note's text and back. One checkpoint has one text.
std::string CheckpointText(const Checkpoint& checkpoint);
Result<Checkpoint> ParseCheckpointText(std::string_view text);

// The signed note, by the log's key; the key's name is the origin.
Result<std::string> SignCheckpoint(const Checkpoint& checkpoint, const Ed25519Key& key);

// Of the log that `log` is the key of, and signed by it. kInvalidArgument otherwise.
Result<Checkpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& log);

}  // namespace assay::ledger
