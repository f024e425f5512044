// What the commands of assay-agent share.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "agent/end_signals.h"
#include "agent/options.h"
#include "agent/protocol.h"
#include "agent/setup.h"
#include "agent/watch.h"

namespace assay::agent {

// Tells the answer, and says how to end: token and other results are printed by the caller.
int Report(const Said& said, const Options& options);

// The TPM is opened for each conversation and closed behind it: others use it in between, and it
// may come back after a fault.
template <typename Talk>
auto WithMachine(const Options& options, Talk talk)
    -> decltype(talk(std::declval<const Machine&>(), std::declval<const Service&>())) {
  const Service service = TRY(ServiceOf(options));
  const KeyOptions keys = TRY(KeysOf(options));
  Tpm tpm = TRY(Tpm::Open(options.tcti));
  return talk(Machine{tpm, keys, LogsOf(options), options.name, options.kind == "azure"}, service);
}

// Without a runtime key, which costs a TPM seconds to make.
Result<Said> AttestPlainly(const Machine& machine, const Service& service);
// By the --kind that was asked for; a token of a TPM names a runtime key.
Result<Said> AttestAsAsked(const Options& options);

// Waits between two steps; false: told to end.
using Sleep = std::function<bool(std::chrono::milliseconds, const EndSignals&)>;
bool JustPause(std::chrono::milliseconds wait, const EndSignals& ends);
// Steps as planned until SIGTERM or SIGINT.
int Repeat(const std::function<Outcome(Step)>& perform, const Sleep& sleep = JustPause);
Outcome OutcomeOf(const Result<Said>& said);
// One line for the journal. A token is never among it.
void Tell(std::string_view what, const Result<Said>& said);

Result<int> RunExec(const Options& options);
Result<int> RunUnlock(const Options& options);
Result<int> RunCert(const Options& options);

}  // namespace assay::agent
