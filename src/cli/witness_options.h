// The command line of `assay witness`, and of those who demand witnesses.
#pragma once

#include "cli/options.h"

namespace CLI {
class App;
}

namespace assay::cli {

void AddWitness(CLI::App& app, Options& options);
// What `assay serve` takes to have its ledger cosigned.
void AddServeWitnesses(CLI::App& serve, Options& options);
// Whose cosignatures a checkpoint has to carry.
void AddQuorum(CLI::App& command, Options& options);

}  // namespace assay::cli
