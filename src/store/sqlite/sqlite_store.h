// A store in one SQLite file, beside which SQLite keeps PATH-wal and PATH-shm while it is open.
//
// Write-ahead log with synchronous=FULL: a commit that returned survives the loss of power. Several
// processes of one machine may share the file; not over a network file system (SQLite, "Write-Ahead
// Logging", section 1).
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace assay::store {

// Made if it is absent, with mode 0600. Refused: a file of another program, one of a newer schema
// than this build knows, one that others may read.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);

}  // namespace assay::store
