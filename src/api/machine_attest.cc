// POST /machines/{machine}:challenge and :attest: a machine proves itself, again and again; :wait:
// and also when it is asked to.
#include <algorithm>
#include <array>
#include <charconv>

#include "api/denial.h"
#include "api/machine_json.h"
#include "tee/tcg/event_log.h"
#include "tee/tpm/evidence.h"

namespace assay {
namespace {

using monitor::ChallengeState;
using monitor::Machine;
using monitor::MachineState;

// Without these the evidence is not the machine's own answer, and says nothing about it: anybody
// could have sent it.
constexpr std::array<std::string_view, 7> kOwnWord = {
    "ak.runtime_data", "ak.attributes",    "ak.enrolled", "ak.trust",
    "quote.signature", "quote.pcr_digest", "quote.nonce"};

bool Failed(const Check& check) { return check.outcome == Outcome::kFail; }

bool IsOwnWord(const std::vector<Check>& checks) {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    return Failed(check) &&
           std::find(kOwnWord.begin(), kOwnWord.end(), check.name) != kOwnWord.end();
  });
}

std::optional<ApiError> RefuseState(const Machine& machine) {
  if (machine.state == MachineState::kRevoked) {
    return ApiError{403, "MachineRevoked", "machine " + machine.id + " was revoked", {}};
  }
  if (machine.state == MachineState::kPending) {
    return ApiError{403,
                    "MachinePending",
                    "machine " + machine.id +
                        " is enrolled and waits to be approved: assay fleet approve " + machine.id,
                    {}};
  }
  return std::nullopt;
}

std::optional<ApiError> RefuseChallenge(ChallengeState state) {
  switch (state) {
    case ChallengeState::kFresh: return std::nullopt;
    case ChallengeState::kExpired:
      return ApiError{410, "NonceExpired", "this challenge has expired: ask for a new one", {}};
    case ChallengeState::kUsed:
      return ApiError{
          410, "NonceUsed", "this challenge was answered before: ask for a new one", {}};
    case ChallengeState::kForeign: break;
  }
  return ApiError{410,
                  "NonceUnknown",
                  "this challenge was not given to that machine by this service since it started: "
                  "ask for a new one",
                  {}};
}

AttestRequest RequestFor(const Machine& machine, View evidence, View nonce,
                         std::shared_ptr<const Bytes> boot_log) {
  AttestRequest out;
  // A confidential VM of Azure, whose processor vouches for the virtual TPM.
  const bool confidential = tpm::NamesFormat(evidence, "azure/");
  out.type = confidential ? policy::AttestationType::kAzureGuest : policy::AttestationType::kTpm;
  out.scheme = confidential ? "azure" : "tpm";
  out.evidence = ToBytes(evidence);
  out.expectations.enrolled_aks = {machine.ak_name};
  out.expectations.report_data = ToBytes(nonce);
  out.expectations.known_event_log = std::move(boot_log);
  const monitor::Sighting& last = machine.last;
  const auto ima = last.pcrs.find(tpm::kImaPcr);
  if (last.ima_entries > 0 && ima != last.pcrs.end()) {
    out.expectations.known_ima = KnownImaList{last.ima_entries, last.bank, ima->second};
  }
  return out;
}

// What leaves out something that is not known here (any more) is no drift: the whole is wanted.
bool IsIncomplete(const std::vector<Check>& checks, const tpm::TpmEvidence& evidence) {
  const bool named = evidence.event_log_digest && evidence.event_log.empty();
  return std::any_of(checks.begin(), checks.end(), [named](const Check& check) {
    return Failed(check) &&
           (check.name == "ima.known" || (named && check.name == "event_log.present"));
  });
}

ApiError EvidenceNotTrusted(const std::vector<Check>& checks) {
  ApiError out = NotTrusted(checks);
  return {403, "EvidenceNotTrusted", std::move(out.message), std::move(out.failed_checks)};
}

ApiError Incomplete(const std::vector<Check>& checks) {
  return {409, "EvidenceIncomplete",
          "the evidence leaves out what is not known here: send it whole",
          NotTrusted(checks).failed_checks};
}

// The entries that the quote covers: what was measured after it will be in the next.
std::vector<tpm::ImaEntry> QuotedFiles(const tpm::TpmEvidence& evidence, const Claims& claims) {
  if (!evidence.ima_log) return {};
  std::size_t count = 0;
  for (const auto& [name, value] : claims) {
    if (name != "ima_entries_quoted" || value.AsInt() == nullptr) continue;
    count = static_cast<std::size_t>(*value.AsInt()) - evidence.ima_from;
  }
  const auto& all = *evidence.ima_log;
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()))};
}

Result<monitor::Judgement> Record(monitor::Fleet& fleet, const Machine& machine,
                                  const tpm::TpmEvidence& evidence, View body,
                                  const Verdict& verdict, Time now) {
  monitor::Observation seen;
  seen.at = now;
  seen.evidence_sha256 = HexEncode(Sha256(body));
  if (evidence.event_log_digest) seen.event_log_sha256 = HexEncode(*evidence.event_log_digest);
  for (const Check& check : verdict.checks) {
    if (!Failed(check)) continue;
    seen.failed.push_back({std::string(check.name), check.expected, check.found, {}});
  }
  if (verdict.verified) seen.claims = verdict.verified->claims();
  seen.files = QuotedFiles(evidence, seen.claims);
  const auto log = tcg::ParseEventLog(evidence.event_log);
  if (log) seen.log = &*log;
  return fleet.Record(machine.id, std::move(seen), evidence.event_log);
}

ApiError Drifted(const std::vector<monitor::Drift>& drift) {
  ApiError out{403, "MachineDrifted", "the machine is not what it should be", {}};
  out.drift = DriftJson(drift);
  return out;
}

// What a relying party may want to know besides the evidence, and where to ask whether it still
// holds.
json::Object MachineClaims(const Machine& machine, const AttestService& service) {
  json::Object about{{"id", machine.id}, {"name", machine.name}, {"route", machine.route}};
  if (!machine.release.empty()) about.emplace_back("release", machine.release);
  const json::Object list{{"idx", machine.index}, {"uri", service.issuer() + "/status-list"}};
  return {{"x-assay-machine", std::move(about)}, {"status", json::Object{{"status_list", list}}}};
}

HttpResponse Answer(const Call& call, const AttestRequest& request, const Verdict& verdict,
                    const monitor::Judgement& judgement, const monitor::FleetOptions& options) {
  if (!judgement.trusted) {
    if (!verdict.verified) return ToResponse(EvidenceNotTrusted(verdict.checks));
    return ToResponse(Drifted(judgement.after.drift));
  }
  const auto token =
      call.service.Grant(request, *verdict.verified, MachineClaims(judgement.after, call.service));
  if (!token) return ToResponse(token.error());
  return JsonResponse(json::Object{{"token", *token},
                                   {"state", Name(judgement.after.state)},
                                   {"next_in", std::int64_t{options.interval.count()}},
                                   {"ima_known", judgement.after.last.ima_entries}});
}

std::chrono::seconds LongestWait(const HttpRequest& request) {
  const std::string_view text = request.Parameter("seconds");
  std::int64_t seconds = limits::kLongestWait.count();
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), limits::kLongestWait);
}

}  // namespace

HttpResponse ChallengeMachine(const Call& call) {
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  const Result<Machine> machine = fleet.Get(call.parameter);
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
  MachineService& machines = *call.machines;
  monitor::Fleet& fleet = machines.FleetOf(call.service);
  const Result<Machine> machine = fleet.Get(call.parameter);
  if (!machine) return ToResponse(MachineError(machine.error()));
  if (const auto refusal = RefuseState(*machine)) return ToResponse(*refusal);
  const Bytes nonce = Base64UrlDecode(call.request.Parameter("nonce")).value_or(Bytes());
  const ChallengeState challenge =
      machines.challenges().Look(ChallengeSubject(fleet, machine->id), nonce, machines.now());
  if (const auto refusal = RefuseChallenge(challenge)) return ToResponse(*refusal);

  const View body = AsBytes(call.request.body);
  const auto evidence = tpm::ParseQuotesAndLogs(body);
  if (!evidence) return ToResponse(MachineError(evidence.error()));
  const AttestRequest request =
      RequestFor(*machine, body, nonce, machines.BootLog(fleet, *machine));
  const Result<Verdict> verdict = call.service.Appraise(request);
  if (!verdict) return ToResponse(FromError(verdict.error()));
  if (!IsOwnWord(verdict->checks)) return ToResponse(EvidenceNotTrusted(verdict->checks));
  if (!machines.challenges().Use(nonce, machines.now())) {
    return ToResponse(*RefuseChallenge(ChallengeState::kUsed));
  }
  if (IsIncomplete(verdict->checks, **evidence)) return ToResponse(Incomplete(verdict->checks));
  const Result<monitor::Judgement> judgement =
      Record(fleet, *machine, **evidence, body, *verdict, machines.now());
  if (!judgement) return ToResponse(MachineError(judgement.error()));
  return Answer(call, request, *verdict, *judgement, fleet.options());
}

// ?seconds=N: how long the machine wants to wait for somebody to ask it. An answer before that,
// with nothing to do, says that too many wait.
HttpResponse WaitForRecheck(const Call& call) {
  const Result<Machine> machine = call.machines->FleetOf(call.service).Get(call.parameter);
  if (!machine) return ToResponse(MachineError(machine.error()));
  if (const auto refusal = RefuseState(*machine)) return ToResponse(*refusal);
  const bool asked = machine->asked != Time{};
  HttpResponse out = JsonResponse(json::Object{{"attest", asked}});
  if (!asked && call.request.waited < LongestWait(call.request)) out.again_in = limits::kWaitStep;
  return out;
}

}  // namespace assay
