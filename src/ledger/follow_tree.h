// Does a published tree continue the one that was seen before? From its tiles alone: some ten
// files, however large the tree.
#pragma once

#include "ledger/static_tree.h"

namespace assay::ledger {

// The checkpoint is signed by the log, its tiles have the signed root, and the tree continues that
// of `seen`, a checkpoint that was verified before. An Error is a tree that cannot be read, or is
// of another key; what does not agree is a finding.
Result<AuditReport> FollowTree(const ReadTreeFile& read, const NoteVerifier& log,
                               const std::optional<Checkpoint>& seen);

}  // namespace assay::ledger
