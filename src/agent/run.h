// The commands of assay-agent.
#pragma once

#include "agent/options.h"

namespace assay::agent {

// The exit code.
int Run(const Options& options);

}  // namespace assay::agent
