#pragma once

#include "cli/options.h"

namespace CLI {
class App;
}

namespace assay::cli {

// The hosts that collateral is fetched from.
void AddHosts(CLI::App& command, Options& options);
// Where collateral is kept, and whether it is fetched.
void AddStore(CLI::App& command, Options& options);
// How evidence is verified, whichever command names it; with --json.
void AddVerifyOptions(CLI::App& command, Options& options);

}  // namespace assay::cli
