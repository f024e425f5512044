// What a ledger's size costs: to open it, and to prove an entry.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/record.h"

namespace assay::bench {

// What a decision looks like: digests, a name, a build.
ledger::Record DecisionOf(std::uint64_t n);

// Grows one ledger in `folder` from 1,000 entries to `most`, by tens, through the sequencer as a
// service does. At each size a process of its own opens it and proves random entries. Prints one
// JSON object; the exit code.
int MeasureGrowth(const std::string& folder, std::uint64_t most);

}  // namespace assay::bench
