#include "agent/listen.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Not worth a connection.
constexpr seconds kLeastWait{2};

}  // namespace

bool Listen(milliseconds wait, const Ears& ears) {
  const auto end = ears.now() + wait;
  const auto left = [&] {
    return std::max(std::chrono::duration_cast<milliseconds>(end - ears.now()), milliseconds(0));
  };
  while (left() >= kLeastWait) {
    const auto begin = ears.now();
    const seconds span = std::min(limits::kAgentWait, std::chrono::floor<seconds>(left()));
    const std::optional<bool> asked = ears.ask(span);
    if (asked == true) return true;
    if (!asked || ears.now() - begin < span / 2) break;
  }
  return ears.pause(left());
}

std::optional<bool> AskForWord(const Service& service, const std::string& machine, seconds wait) {
  const Said said = service.Post(fmt::format("/machines/{}:wait?seconds={}", machine, wait.count()),
                                 json::Value(json::Object{}));
  if (!said.yes()) return std::nullopt;
  const json::Value* const attest = said.body.Find("attest");
  return attest != nullptr && attest->AsBool() != nullptr && *attest->AsBool();
}

}  // namespace assay::agent
