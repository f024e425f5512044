// GET and PUT /policies/{attestationType}, POST /policies/{attestationType}:reset. The claims of
// the answers are as recorded from Azure Attestation.
#include "api/denial.h"
#include "api/management.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace assay {
namespace {

using policy::AttestationType;

tl::expected<AttestationType, ApiError> TypeOf(const Call& call) {
  if (auto refusal = CheckVersion(call.request)) return tl::unexpected(std::move(*refusal));
  if (const auto type = policy::FindAttestationType(call.parameter)) return *type;
  return tl::unexpected(ApiError{
      400,
      "InvalidParameter",
      "attestation type: expected SgxEnclave, OpenEnclave, TdxVm, SevSnpVm, AzureGuest, Tpm or "
      "VbsEnclave, found " +
          std::string(call.parameter.substr(0, 32)),
      {}});
}

// The token that set the policy in force, or an unsecured one of the default.
Result<std::string> TokenInForce(const Call& call, AttestationType type) {
  if (call.providers != nullptr) {
    const auto revision = TRY(ProviderBook(call.providers->store()).Policy(call.provider, type));
    if (revision && !revision->token.empty()) return revision->token;
  }
  const auto policies = call.service.policies();
  const policy::Policy* const policy = policies->Of(type);
  return UnsecuredPolicyToken(policy != nullptr ? std::string_view(policy->text()) : "");
}

ManagementAnswer Set(const Call& call, AttestationType type) {
  const Result<AdmittedChange> change = ReadChange(call);
  if (!change) return tl::unexpected(ManagementRefused(change.error()));
  const Result<std::string> text = PolicyOf(change->token);
  if (!text) return tl::unexpected(ManagementRefused(text.error()));
  const Result<policy::Policy> compiled = policy::Policy::Compile(*text);
  if (!compiled) return tl::unexpected(PolicyDoesNotCompile(compiled.error()));
  ProviderBook book(call.providers->store());
  const auto before = book.Policy(call.provider, type);
  if (!before) return tl::unexpected(ManagementRefused(before.error()));
  const auto set =
      book.SetPolicy(change->state, type, *before, change->token.text, call.service.now());
  if (!set) return tl::unexpected(ManagementRefused(set.error()));
  json::Object out{
      {"x-ms-policy-result", "Updated"},
      {"x-ms-policy-token-hash", Base64UrlEncode(Sha256(AsBytes(change->token.text)))}};
  if (change->token.signer) {
    out.emplace_back("x-ms-policy-signer", CertificateJwk(*change->token.signer));
  }
  return out;
}

ManagementAnswer Reset(const Call& call, AttestationType type) {
  const Result<AdmittedChange> change = ReadChange(call);
  if (!change) return tl::unexpected(ManagementRefused(change.error()));
  const Result<void> empty = CheckReset(change->token);
  if (!empty) return tl::unexpected(ManagementRefused(empty.error()));
  ProviderBook book(call.providers->store());
  const auto before = book.Policy(call.provider, type);
  if (!before) return tl::unexpected(ManagementRefused(before.error()));
  const auto set = book.SetPolicy(change->state, type, *before, {}, call.service.now());
  if (!set) return tl::unexpected(ManagementRefused(set.error()));
  return json::Object{{"x-ms-policy-result", "Removed"}};
}

}  // namespace

HttpResponse GetPolicy(const Call& call) {
  const auto type = TypeOf(call);
  if (!type) return ToResponse(type.error());
  const Result<std::string> token = TokenInForce(call, *type);
  if (!token) return ToResponse(ManagementRefused(token.error()));
  return Respond(call, json::Object{{"x-ms-policy", *token}});
}

HttpResponse PutPolicy(const Call& call) {
  const auto type = TypeOf(call);
  if (!type) return ToResponse(type.error());
  return Respond(call, Retried([&] { return Set(call, *type); }));
}

HttpResponse ResetPolicy(const Call& call) {
  const auto type = TypeOf(call);
  if (!type) return ToResponse(type.error());
  return Respond(call, Retried([&] { return Reset(call, *type); }));
}

}  // namespace assay
