// Options that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "agent/options.h"

namespace assay::agent {

void AddKeys(CLI::App& command, Options& options);
void AddLogs(CLI::App& command, Options& options);
void AddKind(CLI::App& command, Options& options, std::vector<std::string> kinds);
// `required`: the service's address is given, and not read from a volume.
void AddServer(CLI::App& command, Options& options, bool required = true);
void AddRuntimeData(CLI::App& command, Options& options);
// Whose signature under a released key is believed.
void AddVault(CLI::App& command, Options& options);

void AddExec(CLI::App& app, Options& options);
void AddUnlock(CLI::App& app, Options& options);
void AddCert(CLI::App& app, Options& options);

}  // namespace assay::agent
