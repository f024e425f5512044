#include "agent/run_parts.h"

#include <fmt/format.h>

#include <random>

#include "agent/key_templates.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "guest/files.h"
#include "guest/hardware.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;

bool IsHardware(const Options& options) { return options.kind == "snp" || options.kind == "tdx"; }

Result<Said> AttestHardware(const Options& options, const Service& service) {
  Bytes data;
  if (options.runtime_data.empty()) {
    const std::string nonce = Base64UrlEncode(TRY(RandomBytes(32)));
    data = ToBytes(AsBytes(json::Write(json::Object{{"nonce", nonce}})));
  } else {
    data = TRY(ReadFile(options.runtime_data, limits::kAgentSmallFileBytes));
  }
  const auto kind = options.kind == "snp" ? HardwareKind::kSnp : HardwareKind::kTdx;
  const TsmTree tree{.root = options.tsm_root, .make_entry = {}};
  const HardwareRequest request = TRY(CollectHardware(kind, tree, data));
  return service.Post(request.action, request.body);
}

std::optional<std::chrono::seconds> NextIn(const json::Value& body) {
  const json::Value* const next = body.Find("next_in");
  if (next == nullptr || next->AsInt() == nullptr || *next->AsInt() < 0) return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(*next->AsInt()),
                                        limits::kAgentLongestPause);
}

}  // namespace

int Report(const Said& said, const Options& options) {
  if (options.json && !said.body.is_null()) {
    fmt::print("{}\n", json::Write(said.body));
  } else if (!said.yes()) {
    fmt::print(stderr, "assay-agent: {}\n", said.Text());
    if (said.answer == Answer::kUnknownMachine) {
      fmt::print(stderr, "  enrol it first: assay-agent enroll\n");
    }
  }
  if (said.yes()) return kExitTrusted;
  return said.answer == Answer::kAway ? kExitNotJudged : kExitRefused;
}

Result<Said> AttestPlainly(const Machine& machine, const Service& service) {
  return Attest(machine, service);
}

Result<Said> AttestAsAsked(const Options& options) {
  if (IsHardware(options)) return AttestHardware(options, TRY(ServiceOf(options)));
  return WithMachine(options, [](const Machine& machine, const Service& service) -> Result<Said> {
    const TpmKey runtime_key =
        TRY(TpmKey::CreatePrimary(machine.tpm, RuntimeKeyTemplate(), Hierarchy::kNull));
    return Attest(machine, service, &runtime_key);
  });
}

bool JustPause(milliseconds wait, const EndSignals& ends) { return ends.Pause(wait); }

int Repeat(const std::function<Outcome(Step)>& perform, const Sleep& sleep) {
  const EndSignals ends;
  std::random_device seed;
  std::uniform_real_distribution<double> between(0.0, 1.0);
  Planner planner([&] { return between(seed); });
  Watch(std::move(planner), perform, [&](milliseconds wait) { return sleep(wait, ends); });
  return kExitTrusted;
}

Outcome OutcomeOf(const Result<Said>& said) {
  using Kind = Outcome::Kind;
  if (!said) return {};
  Outcome out{Kind::kAway, NextIn(said->body), said->retry_after};
  switch (said->answer) {
    case Answer::kYes: out.kind = Kind::kGood; break;
    case Answer::kUnknownMachine: out.kind = Kind::kUnknownMachine; break;
    case Answer::kExpired: out.kind = Kind::kExpired; break;
    case Answer::kDenied: out.kind = Kind::kDenied; break;
    case Answer::kAway: break;
  }
  return out;
}

void Tell(std::string_view what, const Result<Said>& said) {
  if (!said) {
    fmt::print(stderr, "{}: {}; {}\n", what, said.error().message, said.error().hint);
  } else if (said->yes()) {
    const json::Value* const state = said->body.Find("state");
    fmt::print("{}: {}\n", what,
               state != nullptr && state->AsString() != nullptr ? *state->AsString() : "ok");
  } else {
    fmt::print(stderr, "{}: {}\n", what, said->Text());
  }
  std::fflush(stdout);
}

}  // namespace assay::agent
