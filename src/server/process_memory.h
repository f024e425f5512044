// The memory of a process that holds secrets: not swapped out, in no core dump, not for debuggers.
#pragma once

#include <cstddef>

#include "base/result.h"

namespace assay {

struct ProcessMemory {
  bool locked = false;    // secrets are never swapped out
  bool no_dumps = false;  // of this process
};

// From now on a core dump of this process holds no memory.
Result<void> EmptyDumps();

// Before the first secret, and before any thread:
//
// * an arena for secrets (crypto/secret.h);
// * a core dump holds no memory (coredump_filter, core(5)), so that one that is forced is harmless,
//   and none is made (RLIMIT_CORE, PR_SET_DUMPABLE, prctl(2)); nobody but root can trace it;
// * `allow_dumps` leaves dumps as they are: for those who look for a fault.
Result<ProcessMemory> ProtectMemory(std::size_t arena_bytes, bool allow_dumps);

}  // namespace assay
