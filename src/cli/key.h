// What the commands share that open a key vault.
#pragma once

#include "cli/options.h"
#include "server/service_keys.h"

namespace assay::cli {

KekOptions KekOptionsOf(const Options& options);

}  // namespace assay::cli
