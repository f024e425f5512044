// GET /certificates, POST /certificates:add and /certificates:remove: those who sign the policies
// of an isolated provider. The claims of the answers are as recorded from Azure Attestation.
#include <algorithm>

#include "api/management.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace assay {
namespace {

// SHA-1 of the certificate in upper-case hexadecimal: the thumbprint that Azure answers.
std::string Thumbprint(const Certificate& certificate) {
  std::string out = HexEncode(Sha1(certificate.der()));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return out;
}

struct Change {
  Result<void> (ProviderBook::*apply)(const ProviderState&, const CertificatePtr&);
  std::string_view result;
};
constexpr Change kAdd = {&ProviderBook::AddCertificate, "IsPresent"};
constexpr Change kRemove = {&ProviderBook::RemoveCertificate, "IsAbsent"};

ManagementAnswer Decide(const Call& call, const Change& what) {
  const Result<AdmittedChange> change = ReadChange(call);
  if (!change) return tl::unexpected(ManagementRefused(change.error()));
  const Result<CertificatePtr> certificate = CertificateOf(change->token);
  if (!certificate) return tl::unexpected(ManagementRefused(certificate.error()));
  ProviderBook book(call.providers->store());
  const Result<void> done = (book.*what.apply)(change->state, *certificate);
  if (!done) return tl::unexpected(ManagementRefused(done.error()));
  return json::Object{{"x-ms-certificate-thumbprint", Thumbprint(**certificate)},
                      {"x-ms-policycertificates-result", what.result}};
}

HttpResponse Manage(const Call& call, const Change& what) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  return Respond(call, Retried([&] { return Decide(call, what); }));
}

}  // namespace

HttpResponse GetCertificates(const Call& call) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  json::Array keys;
  if (call.providers != nullptr) {
    const auto state = ProviderBook(call.providers->store()).Find(call.provider);
    if (!state) return ToResponse(ManagementRefused(state.error()));
    if (*state) {
      for (const CertificatePtr& one : (*state)->certificates) {
        keys.emplace_back(CertificateJwk(*one));
      }
    }
  }
  return Respond(
      call, json::Object{{"x-ms-policy-certificates", json::Object{{"keys", std::move(keys)}}}});
}

HttpResponse AddCertificate(const Call& call) { return Manage(call, kAdd); }

HttpResponse RemoveCertificate(const Call& call) { return Manage(call, kRemove); }

}  // namespace assay
