// The whole ledger, recomputed from its entries: what an opening does not look at.
#pragma once

#include <functional>

#include "ledger/book.h"

namespace assay::ledger {

struct AuditReport {
  Checkpoint checkpoint;  // the newest
  std::uint64_t checkpoints = 0;
  std::uint64_t entries = 0;
  std::uint64_t redacted = 0;
  std::uint64_t tiles = 0;
  // What does not agree, in the order in which it was found; at most limits::kLedgerFindings.
  std::vector<std::string> findings;

  bool ok() const { return findings.empty(); }
  void Find(std::string what);
};

// Every row under ledger/: each checkpoint against the root of its size, each tile against its
// entries, nothing missing and nothing beside them. With the data key also each body against its
// leaf, and each redaction against the record that ordered it. For a ledger to which nobody appends
// meanwhile. An Error is a store that cannot be read.
Result<AuditReport> AuditStore(store::Store& store, const NoteVerifier& log,
                               const SecretBytes* data_key);

}  // namespace assay::ledger
