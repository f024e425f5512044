// The command line of `assay ledger`.
#pragma once

#include "cli/options.h"

namespace CLI {
class App;
}

namespace assay::cli {

void AddLedger(CLI::App& app, Options& options);

}  // namespace assay::cli
