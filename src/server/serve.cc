#include "server/serve.h"

#include <csignal>

#include "base/limits.h"
#include "server/process.h"
#include "server/process_memory.h"
#include "server/running_service.h"

namespace assay {
namespace {

Result<void> CheckOptions(const ServeOptions& options) {
  if (options.tls_cert_file.empty() == options.tls_key_file.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, "TLS certificate and key: only one was given",
              "give both files, or neither to have them made");
}

// SIGHUP reloads, SIGTERM and SIGINT end.
int WaitForEnd(const sigset_t& signals, RunningService& service) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal != SIGHUP) break;
    service.Reload();
  }
  return signal;
}

}  // namespace

int Serve(const ServeOptions& options) {
  SetUpLog();
  const Result<ProcessMemory> memory =
      ProtectMemory(limits::kSecretArenaBytes, options.allow_core_dumps);
  if (!memory) return Complain(memory.error());
  const Result<void> sound = CheckOptions(options);
  if (!sound) return Complain(sound.error());
  Log("memory", {{"secrets_locked", memory->locked}, {"core_dumps", !memory->no_dumps}});
  const sigset_t signals = BlockSignals();
  Result<std::unique_ptr<RunningService>> service = RunningService::Open(options);
  if (!service) return Complain(service.error());
  (*service)->Announce();
  Log("stopping", {{"signal", WaitForEnd(signals, **service)}});
  service->reset();
  Log("stopped", {});
  return 0;
}

}  // namespace assay
