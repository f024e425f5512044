// From the command line to what the commands work with.
#pragma once

#include "agent/options.h"
#include "agent/protocol.h"
#include "agent/service.h"

namespace assay::agent {

Result<Service> ServiceOf(const Options& options);
// --kind azure stands for Azure's key and its certificate, unless they are given.
Result<KeyOptions> KeysOf(const Options& options);
LogPaths LogsOf(const Options& options);

}  // namespace assay::agent
