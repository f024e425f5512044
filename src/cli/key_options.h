#pragma once

#include "cli/options.h"

namespace CLI {
class App;
}

namespace assay::cli {

void AddKey(CLI::App& app, Options& options);
// What `assay serve` takes for its key vault.
void AddServeKeys(CLI::App& serve, Options& options);

}  // namespace assay::cli
