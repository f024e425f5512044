// Many threads, one disk flush: a store whose commits travel together when they come at a time.
#pragma once

#include <memory>

#include "store/store.h"

namespace assay::store {

// Takes what waits, merges it into one batch and commits that. Batches that touch what another of
// the same group writes wait for the next; when one expectation of a group does not hold, each of
// its batches is tried by itself. Batches of one group have one version.
std::unique_ptr<Store> GroupCommits(std::unique_ptr<Store> inner);

}  // namespace assay::store
