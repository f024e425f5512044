// Between two attestations: waiting for the service to ask for one sooner.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "agent/service.h"

namespace assay::agent {

struct Ears {
  // Asks the service, which may take that long to answer. True: attest now. Nothing: no answer.
  std::function<std::optional<bool>(std::chrono::seconds)> ask;
  // False: this program was told to end.
  std::function<bool(std::chrono::milliseconds)> pause;
  std::function<std::chrono::steady_clock::time_point()> now;
};

// Waits that long, or until the service asks; false: this program was told to end. A service that
// lets nobody wait, or does not answer, is not asked again in that time.
bool Listen(std::chrono::milliseconds wait, const Ears& ears);

// POST /machines/{machine}:wait.
std::optional<bool> AskForWord(const Service& service, const std::string& machine,
                               std::chrono::seconds wait);

}  // namespace assay::agent
