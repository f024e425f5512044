// A ledger as files that any server or disk can hold (C2SP tlog-tiles): checkpoint, tiles and entry
// bundles. Bundles hold leaves; bodies stay with the ledger.
//
// Nothing here opens a file: the caller gives how one is read or written, by its path within the
// tree, so that a folder and a URL are the same.
#pragma once

#include <functional>
#include <optional>

#include "ledger/audit.h"

namespace assay::ledger {

using WriteTreeFile = std::function<Result<void>(const std::string& path, View content)>;
// kMissing when there is none; at most `most` bytes.
using ReadTreeFile = std::function<Result<Bytes>(const std::string& path, std::size_t most)>;

// The tree of the last checkpoint in the store; the checkpoint is written last. What it says. Of
// the second tree (ledger/ccf_tree.h) its checkpoint is enough: the entries make the rest.
Result<Checkpoint> ExportTree(store::Store& store, const NoteVerifier& log,
                              const WriteTreeFile& write);

// The files of a tree that is published elsewhere; likewise. They are not compared with each other:
// AuditTree does that.
Result<Checkpoint> CopyTree(const ReadTreeFile& read, const NoteVerifier& log,
                            const WriteTreeFile& write);

// Recomputes every tile from the entries and compares it, and the root with the checkpoint, and the
// tree at the size of `seen`, a checkpoint that was verified before, with that one. The same for
// the checkpoint of the second tree, where one is published. An Error is a tree that cannot be
// read, or is of another key; what does not agree is a finding.
Result<AuditReport> AuditTree(const ReadTreeFile& read, const NoteVerifier& log,
                              const std::optional<Checkpoint>& seen);

// "checkpoint": where the tree's signed checkpoint is.
inline constexpr const char* kCheckpointPath = "checkpoint";
inline constexpr const char* kCcfCheckpointPath = "ccf/checkpoint";

}  // namespace assay::ledger
