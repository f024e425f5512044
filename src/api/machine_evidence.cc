#include "api/machine_evidence.h"

#include <algorithm>
#include <array>

#include "api/denial.h"
#include "api/machine_json.h"
#include "tee/tcg/event_log.h"
#include "token/jwks.h"

namespace assay {
namespace {

using ledger::RecordKind;
using monitor::ChallengeState;
using monitor::Machine;
using monitor::MachineState;

// Without these the evidence is not the machine's own answer, and says nothing about it: anybody
// could have sent it.
constexpr std::array<std::string_view, 7> kOwnWord = {
    "ak.runtime_data", "ak.attributes",    "ak.enrolled", "ak.trust",
    "quote.signature", "quote.pcr_digest", "quote.nonce"};
// So it is with a key beside the quote, which the quote does not cover: that somebody put another
// one there says nothing of how the machine booted.
constexpr std::array<std::string_view, 2> kKeyChecks = {"certified_key.", "runtime_key."};

bool Failed(const Check& check) { return check.outcome == Outcome::kFail; }

bool IsOwnWord(const std::vector<Check>& checks) {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    const bool of_key =
        std::any_of(kKeyChecks.begin(), kKeyChecks.end(), [&check](std::string_view prefix) {
          return std::string_view(check.name).starts_with(prefix);
        });
    return Failed(check) &&
           (of_key || std::find(kOwnWord.begin(), kOwnWord.end(), check.name) != kOwnWord.end());
  });
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

// The key that secrets may be wrapped to, as token policies look for it (release/runtime_key.h).
// The checks have to pass before this is a claim.
std::optional<json::Value> RuntimeClaim(const tpm::TpmEvidence& evidence) {
  if (evidence.certified_keys.size() != 1) return std::nullopt;
  const tpm::PublicArea& area = evidence.certified_keys.front().area;
  PublicParameters key{"RSA", ToBytes(area.modulus), {}, {}, {}};
  for (int shift = 24; shift >= 0; shift -= 8) {
    const std::uint32_t rest = area.exponent >> static_cast<unsigned>(shift);
    if (rest != 0) key.e.push_back(static_cast<std::byte>(rest & 0xFFU));
  }
  json::Object jwk{{"kid", Thumbprint(key)},
                   {"kty", "RSA"},
                   {"key_ops", json::Array{"encrypt"}},
                   {"n", Base64UrlEncode(key.n)},
                   {"e", Base64UrlEncode(key.e)}};
  return json::Object{{"keys", json::Array{std::move(jwk)}}};
}

AttestRequest RequestFor(const Machine& machine, const tpm::TpmEvidence& evidence, View body,
                         View nonce, std::shared_ptr<const Bytes> boot_log) {
  AttestRequest out;
  // A confidential VM of Azure, whose processor vouches for the virtual TPM.
  const bool confidential = tpm::NamesFormat(body, "azure/");
  out.type = confidential ? policy::AttestationType::kAzureGuest : policy::AttestationType::kTpm;
  out.scheme = confidential ? "azure" : "tpm";
  out.subject = "machine " + machine.id;
  out.evidence = ToBytes(body);
  out.runtime_claim = RuntimeClaim(evidence);
  out.expectations.enrolled_aks = {machine.ak_name};
  out.expectations.report_data = ToBytes(nonce);
  out.expectations.runtime_key = true;
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

}  // namespace

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

json::Object MachineClaims(const Machine& machine, const AttestService& service) {
  json::Object about{{"id", machine.id}, {"name", machine.name}, {"route", machine.route}};
  if (!machine.release.empty()) about.emplace_back("release", machine.release);
  const json::Object list{{"idx", machine.index}, {"uri", service.issuer() + "/status-list"}};
  return {{"x-assay-machine", std::move(about)}, {"status", json::Object{{"status_list", list}}}};
}

tl::expected<MachineAnswer, ApiError> JudgeAnswer(const Call& call) {
  MachineService& machines = *call.machines;
  monitor::Fleet& fleet = machines.FleetOf(call.service);
  const Result<Machine> machine = fleet.Get(call.parameter);
  if (!machine) return tl::unexpected(MachineError(machine.error()));
  if (auto refusal = RefuseState(*machine)) return tl::unexpected(std::move(*refusal));
  const Bytes nonce = Base64UrlDecode(call.request.Parameter("nonce")).value_or(Bytes());
  const ChallengeState challenge =
      machines.challenges().Look(ChallengeSubject(fleet, machine->id), nonce, machines.now());
  if (auto refusal = RefuseChallenge(challenge)) return tl::unexpected(std::move(*refusal));

  const View body = AsBytes(call.request.body);
  auto evidence = tpm::ParseQuotesAndLogs(body);
  if (!evidence) return tl::unexpected(MachineError(evidence.error()));
  AttestRequest request =
      RequestFor(*machine, **evidence, body, nonce, machines.BootLog(fleet, *machine));
  request.actor = ActorOf(call.who);
  const auto deny = [&](ApiError error, const Verdict& verdict, RecordKind kind) {
    return tl::unexpected(call.service.Deny(request, verdict.collateral, std::move(error), kind));
  };
  Result<Verdict> verdict = call.service.Appraise(request);
  if (!verdict) return tl::unexpected(FromError(verdict.error()));
  if (!IsOwnWord(verdict->checks)) {
    return deny(EvidenceNotTrusted(verdict->checks), *verdict, RecordKind::kDenial);
  }
  if (!machines.challenges().Use(nonce, machines.now())) {
    return tl::unexpected(*RefuseChallenge(ChallengeState::kUsed));
  }
  if (IsIncomplete(verdict->checks, **evidence)) return tl::unexpected(Incomplete(verdict->checks));
  Result<monitor::Judgement> judgement =
      Record(fleet, *machine, **evidence, body, *verdict, machines.now());
  if (!judgement) return tl::unexpected(MachineError(judgement.error()));
  if (!verdict->verified) {
    return deny(EvidenceNotTrusted(verdict->checks), *verdict, RecordKind::kDrift);
  }
  if (!judgement->trusted) {
    return deny(Drifted(judgement->after.drift), *verdict, RecordKind::kDrift);
  }
  return MachineAnswer{std::move(request), std::move(*evidence), std::move(*verdict),
                       std::move(judgement->after)};
}

}  // namespace assay
