#include "monitor/enrolment.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "monitor/enrolment_state.h"
#include "monitor/machine.h"
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/identity.h"

namespace assay::monitor {
namespace {

using Reason = ActivationRefusal::Reason;
using Chain = std::vector<CertificatePtr>;

constexpr std::size_t kSecretBytes = 32;  // the digest of SHA-256: every endorsement key takes it
constexpr std::size_t kIdBytes = 16;

Result<Chain> ParseChain(const std::vector<Bytes>& ders, std::string_view where) {
  if (ders.size() > limits::kCertificatesInChain) {
    return Fail(ErrorCode::kMalformed, std::string(where) + ": too many certificates");
  }
  Chain out;
  for (const Bytes& der : ders) out.push_back(TRY(Certificate::FromDer(der)));
  return out;
}

// The request, parsed; its bytes belong to the request.
struct Claimed {
  tpm::PublicArea ak;
  std::optional<tpm::PublicArea> ek;
  Chain ek_chain, ak_chain, idevid_chain;
};

Result<Claimed> ParseRequest(const EnrolRequest& request) {
  Claimed out{TRY(tpm::ParsePublicArea(request.ak)), std::nullopt, {}, {}, {}};
  if (!request.ek.empty()) out.ek = TRY(tpm::ParsePublicArea(request.ek));
  out.ek_chain = TRY(ParseChain(request.ek_certificates, "ek_certificates"));
  out.ak_chain = TRY(ParseChain(request.ak_certificates, "ak_certificates"));
  out.idevid_chain = TRY(ParseChain(request.idevid_certificates, "idevid_certificates"));
  const bool by_ek = out.ek && out.ak_chain.empty() && out.idevid_chain.empty();
  const bool by_ak = !out.ek && out.ek_chain.empty() && !out.ak_chain.empty();
  if (by_ek || by_ak) return out;
  return Fail(ErrorCode::kInvalidArgument,
              "enrolment: expected either ek, with its certificates, or ak_certificates",
              "send ek and ek_certificates for credential activation, or ak_certificates (with "
              "idevid_certificates for an IAK) to quote a nonce");
}

std::string_view CheckEk(const Claimed& claimed, bool allow_first_use, const VerifyInput& input,
                         Trace& trace) {
  tpm::CheckKeyAttributes(claimed.ak, trace);
  tpm::CheckEndorsementKey(*claimed.ek, trace);
  if (!claimed.ek_chain.empty()) {
    tpm::CheckEndorsementCertificate(*claimed.ek, claimed.ek_chain, input, trace);
    return "ek-certificate";
  }
  trace.Add({"ek.trust",
             allow_first_use ? Outcome::kWarn : Outcome::kFail,
             "a certificate of the endorsement key",
             allow_first_use ? "none: trusted on first use" : "none, and first use is not allowed",
             {},
             "TCG EK Credential Profile"});
  return "first-use";
}

std::string_view CheckAk(const Claimed& claimed, const VerifyInput& input, Trace& trace) {
  // A key that only a maker of devices vouches for is an IAK, whatever else came with it.
  const bool iak = !claimed.idevid_chain.empty() ||
                   (!tpm::LeadsTo(claimed.ak_chain, input.roots.tpm, input) &&
                    tpm::LeadsTo(claimed.ak_chain, input.roots.tpm_vendors, input));
  if (iak) {
    tpm::CheckKeyAttributes(claimed.ak, trace);
    tpm::CheckDeviceIdentity({claimed.ak, claimed.ak_chain, claimed.idevid_chain}, input, trace);
    return "iak";
  }
  tpm::TpmEvidence evidence;
  evidence.ak = claimed.ak;
  evidence.ak_certificates = claimed.ak_chain;
  tpm::CheckAttestationKey(evidence, input, trace);
  return "ak-certificate";
}

std::vector<std::string> WarningsOf(const Trace& trace) {
  std::vector<std::string> out;
  for (const Check& check : trace.checks()) {
    if (check.name == "ek.trust" && check.outcome == Outcome::kWarn) {
      out.emplace_back("trusted on first use: nobody vouches for this TPM");
    } else if (check.outcome == Outcome::kWaived) {
      out.push_back("waived: " + std::string(check.name) + " (" + check.found + ")");
    }
  }
  return out;
}

Enrolled Established(const EnrolRequest& request, const Claimed& claimed, std::string_view route,
                     const Trace& trace) {
  Enrolled out;
  out.machine = MachineId(claimed.ak.Name());
  out.name = request.name;
  out.ak = ToBytes(claimed.ak.bytes);
  out.route = route;
  out.warnings = WarningsOf(trace);
  if (!claimed.ek_chain.empty()) {
    out.ek_certificate_digest = ToBytes(claimed.ek_chain.front()->digest());
  }
  for (const CertificatePtr& one : claimed.ak_chain) {
    out.ak_certificate_digests.push_back(ToBytes(one->digest()));
  }
  return out;
}

Result<Opened> Open(const Claimed& claimed, EnrolmentState state, View key, Time now) {
  Opened out;
  out.warnings = state.enrolled.warnings;
  out.expires_in = limits::kEnrolmentLife;
  state.expires = now + limits::kEnrolmentLife;
  state.id = HexEncode(TRY(RandomSecret(kIdBytes)).view());
  state.ak_name = claimed.ak.Name();
  const SecretBytes random = TRY(RandomSecret(kSecretBytes));
  if (claimed.ek) {
    state.secret_digest = ToBytes(Sha256(random.view()));
    out.challenge = TRY(tpm::MakeCredential(*claimed.ek, state.ak_name, random.view()));
  } else {
    state.nonce = ToBytes(random.view());
    out.challenge = state.nonce;
  }
  out.enrolment = SealState(state, key);
  return out;
}

Result<std::vector<Check>> CheckQuotedNonce(const EnrolmentState& state, View document,
                                            const TrustedRoots& roots, Time now,
                                            VerifyCache& cache) {
  const auto evidence = TRY(tpm::ParseTpmEvidence(document));
  Expectations expectations;
  expectations.report_data = state.nonce;
  expectations.enrolled_aks = {state.ak_name};  // its certificates were judged by Begin
  const Collateral none;
  const VerifyInput input{none, roots, expectations, now, cache};
  Trace trace;
  tpm::CheckAttestationKey(*evidence, input, trace);
  tpm::CheckQuotes(*evidence, input, trace);
  return std::move(trace).TakeChecks();
}

// Nothing when the proof is right.
Result<std::optional<ActivationRefusal>> Judge(const EnrolmentState& state, const Proof& proof,
                                               const TrustedRoots& roots, Time now,
                                               VerifyCache& cache) {
  const auto* const secret = std::get_if<SecretProof>(&proof);
  if ((secret != nullptr) != state.nonce.empty()) {
    return ActivationRefusal{Reason::kWrongProof, state.nonce.empty()
                                                      ? "expected the secret of the credential"
                                                      : "expected evidence that quotes the nonce"};
  }
  if (secret != nullptr) {
    if (SecretEqual(Sha256(secret->secret), state.secret_digest)) return std::nullopt;
    return ActivationRefusal{Reason::kWrongSecret, "not the secret of the credential"};
  }
  auto checks =
      TRY(CheckQuotedNonce(state, std::get<EvidenceProof>(proof).evidence, roots, now, cache));
  const bool trusted = std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.outcome == Outcome::kFail;
  });
  if (trusted) return std::nullopt;
  return ActivationRefusal{Reason::kEvidenceNotTrusted,
                           "the evidence is not of the key that began this enrolment",
                           std::move(checks)};
}

}  // namespace

Result<std::unique_ptr<Enrolment>> Enrolment::Make(EnrolmentOptions options) {
  SecretBytes key = TRY(RandomSecret(kSecretBytes));
  return std::unique_ptr<Enrolment>(new Enrolment(std::move(options), std::move(key)));
}

Result<Begun> Enrolment::Begin(const EnrolRequest& request, const Collateral& collateral,
                               Time now) {
  const Claimed claimed = TRY(ParseRequest(request));
  Expectations expectations;
  expectations.allow_missing_crl = options_.allow_missing_crl;
  const VerifyInput input{collateral, options_.roots, expectations, now, cache_};
  Trace trace;
  const std::string_view route = claimed.ek
                                     ? CheckEk(claimed, options_.allow_first_use, input, trace)
                                     : CheckAk(claimed, input, trace);
  Begun out;
  if (!trace.failed()) {
    EnrolmentState state;
    state.enrolled = Established(request, claimed, route, trace);
    out.opened = TRY(Open(claimed, std::move(state), key_.view(), now));
    out.opened->route = route;
  }
  out.checks = std::move(trace).TakeChecks();
  return out;
}

std::optional<ActivationRefusal> Enrolment::MarkUsed(const std::string& id, Time expires,
                                                     Time now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(used_, [now](const auto& entry) { return entry.second < now; });
  if (used_.count(id) != 0) {
    return ActivationRefusal{Reason::kUsedBefore,
                             "this enrolment was completed before: begin anew"};
  }
  // To forget one that has not expired would allow its use again.
  if (used_.size() >= limits::kOpenEnrolments) {
    return ActivationRefusal{Reason::kTooMany, "too many machines enrolled just now: try again"};
  }
  used_.emplace(id, expires);
  return std::nullopt;
}

Result<Completed> Enrolment::Complete(std::string_view enrolment, const Proof& proof, Time now) {
  const auto state = OpenState(enrolment, key_.view());
  if (!state) {
    return ActivationRefusal{Reason::kUnknown,
                             "no enrolment that this service began since it started"};
  }
  if (now > state->expires) {
    return ActivationRefusal{Reason::kExpired, "the enrolment expired: begin anew"};
  }
  if (auto refused = TRY(Judge(*state, proof, options_.roots, now, cache_))) {
    return *std::move(refused);
  }
  if (auto refused = MarkUsed(state->id, state->expires, now)) return *std::move(refused);
  return state->enrolled;
}

}  // namespace assay::monitor
