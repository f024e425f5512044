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

// The TPM is opened for each conversation and closed behind it: others use it in between, and it
// may come back after a fault.
template <typename Talk>
Result<Said> WithMachine(const Options& options, Talk talk) {
  const Service service = TRY(ServiceOf(options));
  const KeyOptions keys = TRY(KeysOf(options));
  Tpm tpm = TRY(Tpm::Open(options.tcti));
  return talk(Machine{tpm, keys, LogsOf(options), options.name, options.kind == "azure"}, service);
}

}  // namespace assay::agent
