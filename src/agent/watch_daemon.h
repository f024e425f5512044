// `assay-agent watch`: attests again and again, when the service expects it and when it asks.
#pragma once

#include "agent/options.h"
#include "base/result.h"

namespace assay::agent {

// Ends by SIGTERM or SIGINT, with the exit code; an Error is a mistake in the options.
Result<int> RunWatch(const Options& options);

}  // namespace assay::agent
