// POST /machines/{machine}:certify: a TLS certificate for a key that a trusted machine quoted.
//
// The quote binds the certification request together with the challenge ("quote_binding"), so that
// the machine's own TPM says that the key is its own, in the state that is judged.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/machine_evidence.h"
#include "api/machine_json.h"
#include "crypto/signing_request.h"

namespace assay {
namespace {

using monitor::Machine;
using std::chrono::seconds;

template <typename T>
using Judged = tl::expected<T, ApiError>;

// Clients whose clocks are a little behind.
constexpr seconds kBackdated{60};

Judged<seconds> LifetimeIn(const HttpRequest& request) {
  const std::string_view text = request.Parameter("lifetime");
  if (text.empty()) return limits::kMachineCertificateLife;
  std::int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && seconds{out} >= limits::kMachineCertificateShortest &&
      seconds{out} <= limits::kMachineCertificateLongest) {
    return seconds{out};
  }
  return tl::unexpected(ApiError{400,
                                 "InvalidParameter",
                                 fmt::format("lifetime: expected {} to {} seconds",
                                             limits::kMachineCertificateShortest.count(),
                                             limits::kMachineCertificateLongest.count()),
                                 {}});
}

// Certificates of one authority are good for one circle of relying parties: providers are several.
Judged<const MachineAuthority*> AuthorityFor(const Call& call) {
  const auto& authority = call.machines->authority();
  if (authority && call.provider == kSharedProvider) return &*authority;
  return tl::unexpected(ApiError{400,
                                 "NotSupported",
                                 call.provider == kSharedProvider
                                     ? "this service has no authority for machines"
                                     : "certificates are issued to machines of the shared provider",
                                 {}});
}

Judged<SigningRequest> RequestIn(const tpm::TpmEvidence& evidence) {
  if (!evidence.binding) {
    return tl::unexpected(
        ApiError{403,
                 "CertificateNotBound",
                 "expected a quote that binds a certification request (quote_binding), found one "
                 "that binds the challenge alone",
                 {}});
  }
  Result<SigningRequest> request = ParseSigningRequest(evidence.binding->data);
  if (!request) return tl::unexpected(MachineError(request.error()));
  return std::move(*request);
}

// All that were approved, or those that are asked for.
Judged<std::vector<std::string>> NamesFor(const Machine& machine,
                                          const std::vector<std::string>& asked) {
  for (const std::string& name : asked) {
    const auto& approved = machine.dns_names;
    if (std::find(approved.begin(), approved.end(), name) != approved.end()) continue;
    return tl::unexpected(
        ApiError{403,
                 "NameNotApproved",
                 fmt::format("{} is not approved for machine {}: assay fleet approve {} --dns {}",
                             name, machine.id, machine.id, name),
                 {}});
  }
  return asked.empty() ? machine.dns_names : asked;
}

struct Issued {
  CertificatePtr certificate;
  seconds lifetime;
};

Judged<Issued> IssueTo(const Call& call, const MachineAuthority& authority, const Machine& machine,
                       const SigningRequest& wanted, seconds lifetime) {
  const auto names = NamesFor(machine, wanted.dns_names);
  if (!names) return tl::unexpected(names.error());
  CertificateRequest request;
  request.common_name = machine.id;
  request.sans.push_back(fmt::format("URI:{}/machines/{}", call.service.issuer(), machine.id));
  for (const std::string& name : *names) request.sans.push_back("DNS:" + name);
  const Time now = call.machines->now();
  request.not_before = now - kBackdated;
  request.not_after = now + lifetime;
  request.is_tls_server = request.is_tls_client = true;
  auto certificate = IssueCertificate(wanted.key, request, authority.key, *authority.certificate);
  if (!certificate) return tl::unexpected(MachineError(certificate.error()));
  return Issued{std::move(*certificate), lifetime};
}

// RFC 8705 §3.1: the token is about the holder of that certificate's key.
json::Member Confirmation(const Certificate& certificate) {
  return {"cnf", json::Object{{"x5t#S256", Base64UrlEncode(certificate.digest())}}};
}

Judged<json::Object> Certify(const Call& call) {
  const auto authority = AuthorityFor(call);
  if (!authority) return tl::unexpected(authority.error());
  const auto lifetime = LifetimeIn(call.request);
  if (!lifetime) return tl::unexpected(lifetime.error());
  const auto answer = JudgeAnswer(call);
  if (!answer) return tl::unexpected(answer.error());
  const auto wanted = RequestIn(*answer->evidence);
  if (!wanted) return tl::unexpected(wanted.error());
  const auto issued = IssueTo(call, **authority, answer->machine, *wanted, *lifetime);
  if (!issued) return tl::unexpected(issued.error());
  json::Object claims = MachineClaims(answer->machine, call.service);
  claims.push_back(Confirmation(*issued->certificate));
  // What the policy gives no token, it gives no certificate.
  const auto given = call.service.Grant(answer->request, answer->verdict, std::move(claims));
  if (!given) return tl::unexpected(given.error());
  // Two thirds of its time, so that a renewal can fail several times before it matters.
  const std::int64_t next_in = 2 * issued->lifetime.count() / 3;
  return json::Object{{"certificate", CertificateToPem(*issued->certificate) +
                                          CertificateToPem(*(*authority)->certificate)},
                      {"expires", FormatTime(issued->certificate->not_after())},
                      {"token", given->token},
                      {"state", Name(answer->machine.state)},
                      {"next_in", next_in}};
}

}  // namespace

HttpResponse CertifyMachine(const Call& call) {
  auto answer = Certify(call);
  return answer ? JsonResponse(std::move(*answer)) : ToResponse(answer.error());
}

HttpResponse GetMachineAuthority(const Call& call) {
  const auto authority = AuthorityFor(call);
  if (!authority) return ToResponse(authority.error());
  HttpResponse out;
  // RFC 8555 §9.1.
  out.content_type = "application/pem-certificate-chain";
  out.body = CertificateToPem(*(*authority)->certificate);
  return out;
}

}  // namespace assay
