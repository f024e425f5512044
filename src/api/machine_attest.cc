// POST /machines/{machine}:challenge and :attest: a machine proves itself, again and again; :wait:
// and also when it is asked to.
#include <algorithm>
#include <charconv>

#include "api/machine_evidence.h"
#include "api/machine_json.h"

namespace assay {
namespace {

std::chrono::seconds LongestWait(const HttpRequest& request) {
  const std::string_view text = request.Parameter("seconds");
  std::int64_t seconds = limits::kLongestWait.count();
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), limits::kLongestWait);
}

}  // namespace

HttpResponse ChallengeMachine(const Call& call) {
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  const Result<monitor::Machine> machine = fleet.Get(call.parameter);
  if (!machine) return ToResponse(MachineError(machine.error()));
  if (const auto refusal = RefuseState(*machine)) return ToResponse(*refusal);
  const Result<Bytes> nonce =
      call.machines->challenges().Give(ChallengeSubject(fleet, machine->id), call.machines->now());
  if (!nonce) return ToResponse(MachineError(nonce.error()));
  json::Object out{{"nonce", Base64UrlEncode(*nonce)},
                   {"expires_in", std::int64_t{limits::kChallengeLife.count()}}};
  if (machine->last.at != Time{}) {
    out.emplace_back("ima_known", machine->last.ima_entries);
    out.emplace_back("reset_count", machine->last.reset_count);
    out.emplace_back("event_log_known", machine->last.event_log_sha256);
  }
  return JsonResponse(std::move(out));
}

HttpResponse AttestMachine(const Call& call) {
  const auto answer = JudgeAnswer(call);
  if (!answer) return ToResponse(answer.error());
  const monitor::Machine& machine = answer->machine;
  const auto given =
      call.service.Grant(answer->request, answer->verdict, MachineClaims(machine, call.service));
  if (!given) return ToResponse(given.error());
  const auto interval = call.machines->FleetOf(call.service).options().interval;
  return JsonResponse(json::Object{{"token", given->token},
                                   {"state", Name(machine.state)},
                                   {"next_in", std::int64_t{interval.count()}},
                                   {"ima_known", machine.last.ima_entries}});
}

// ?seconds=N: how long the machine wants to wait for somebody to ask it. An answer before that,
// with nothing to do, says that too many wait.
HttpResponse WaitForRecheck(const Call& call) {
  const Result<monitor::Machine> machine = call.machines->FleetOf(call.service).Get(call.parameter);
  if (!machine) return ToResponse(MachineError(machine.error()));
  if (const auto refusal = RefuseState(*machine)) return ToResponse(*refusal);
  const bool asked = machine->asked != Time{};
  HttpResponse out = JsonResponse(json::Object{{"attest", asked}});
  if (!asked && call.request.waited < LongestWait(call.request)) out.again_in = limits::kWaitStep;
  return out;
}

}  // namespace assay
