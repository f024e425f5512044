// Which cosignatures a checkpoint has to carry before it counts.
#pragma once

#include <string_view>
#include <vector>

#include "ledger/note.h"

namespace assay::witness {

struct Quorum {
  std::vector<ledger::NoteVerifier> witnesses;
  std::size_t needed = 0;  // of them; 0: none has to cosign
};

// kInvalidArgument for more than there are, for a key that is not a witness's, or one that is given
// twice: it would count twice (C2SP tlog-policy).
Result<void> CheckQuorum(const Quorum& quorum);

// The witnesses of the quorum whose cosignature the note carries. kInvalidArgument when one of them
// does not verify: then all of the note is to be refused (C2SP signed-note).
Result<std::vector<std::string>> CosignersOf(const ledger::Note& note, const Quorum& quorum);

// kInvalidArgument unless enough of them cosigned.
Result<void> CheckCosigned(std::string_view note, const Quorum& quorum);

}  // namespace assay::witness
