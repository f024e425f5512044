// What a ledger publishes: the newest checkpoint that has its quorum of cosignatures, whole and
// ready to be handed out. In the ledger's store, under publication/checkpoint.
#pragma once

#include <optional>
#include <string>

#include "store/store.h"
#include "witness/cosigning.h"
#include "witness/quorum.h"

namespace assay::witness {

// Nothing before the first, or when what was published does not have this quorum: witnesses were
// changed.
Result<std::optional<std::string>> ReadPublication(store::Store& store,
                                                   const ledger::NoteVerifier& log,
                                                   const Quorum& quorum);

// Unless a larger one is published already: of several processes the one that is ahead wins.
Result<void> WritePublication(store::Store& store, const ledger::NoteVerifier& log,
                              const Quorum& quorum, const std::string& note);

// One witness, how it is asked, and what is known of it.
struct WitnessPeer {
  ledger::NoteVerifier key;
  AskWitness ask;
  std::uint64_t known = 0;
};

struct Cosigned {
  std::optional<std::string> note;  // with its cosignatures; nothing: too few gave theirs
  std::vector<Error> errors;        // of those who did not
};

// Asks each witness, also once there are enough: a checkpoint that more cosigned convinces more.
Cosigned Cosign(const SignedTree& tree, std::vector<WitnessPeer>& peers, std::size_t needed);

}  // namespace assay::witness
