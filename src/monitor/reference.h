// Is the machine what it should be? Its PCRs and files against a release, and against what it was
// when it was first seen.
#pragma once

#include <vector>

#include "monitor/machine.h"
#include "monitor/release.h"
#include "tee/tpm/ima_log.h"

namespace assay::monitor {

// `release` may be null: then all that was quoted at first must stay as it was, IMA's PCR apart.
// A PCR that should have a value and is not quoted is a difference, too.
std::vector<Drift> ComparePcrs(const Release* release, const Machine& machine,
                               tcg::HashAlgorithm bank, const tcg::PcrValues& quoted);

// What to remember of a first good evidence.
tcg::PcrValues Learn(const Release* release, tcg::HashAlgorithm bank, const tcg::PcrValues& quoted);

// Files that the release does not list, or with another digest, and violations.
std::vector<Drift> CompareFiles(const Release& release, const std::vector<tpm::ImaEntry>& entries);

// Nothing while it holds.
std::vector<Drift> CompareValidity(const Release& release, Time now);

}  // namespace assay::monitor
