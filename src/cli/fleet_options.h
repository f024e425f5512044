#pragma once

#include "cli/options.h"

namespace CLI {
class App;
}

namespace assay::cli {

void AddFleet(CLI::App& app, Options& options);
void AddRelease(CLI::App& app, Options& options);
// What `assay serve` takes for machines.
void AddServeMachines(CLI::App& serve, Options& options);

}  // namespace assay::cli
