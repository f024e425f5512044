// The log's side of C2SP tlog-witness: a cosignature for a checkpoint, from one witness.
#pragma once

#include <functional>
#include <string>

#include "ledger/checkpoint.h"
#include "ledger/tile.h"

namespace assay::witness {

struct WitnessReply {
  unsigned status = 0;
  std::string body;
};
// Posts a body to the add-checkpoint of one witness. An Error is no answer.
using AskWitness = std::function<Result<WitnessReply>(const std::string& body)>;

struct SignedTree {
  ledger::Checkpoint checkpoint;
  std::string note;  // the signed checkpoint
  ledger::TileSource& tiles;
};

// What it answers is verified. `known` is the size that the witness cosigned last, as far as the
// log knows (0 at first), and is kept up to date. kConflict: it cosigned a larger tree. kMalformed:
// it cosigned another history: the log was forked or put back. kIo: no answer, or none of use.
Result<ledger::NoteSignature> AskCosignature(const SignedTree& tree,
                                             const ledger::NoteVerifier& witness,
                                             const AskWitness& ask, std::uint64_t& known);

}  // namespace assay::witness
