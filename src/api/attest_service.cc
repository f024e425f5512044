#include "api/attest_service.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "token/jws.h"
#include "token/maa_claims.h"

namespace assay {
namespace {

// The policy that is in force: whatever verifies is permitted. Its hash stands in every token.
constexpr std::string_view kPolicy =
    "version=1.0;\nauthorizationrules\n{\n=> permit();\n};\nissuancerules\n{\n};\n";

ApiError FromError(const Error& error) {
  const bool ours = error.code == ErrorCode::kInternal || error.code == ErrorCode::kIo;
  std::string message = error.message;
  if (!error.hint.empty()) message += "; " + error.hint;
  if (ours) return {500, "InternalError", "the request could not be processed", {}};
  return {400, "InvalidParameter", std::move(message), {}};
}

ApiError Denied(const std::vector<Check>& checks) {
  ApiError out{400, "AttestationFailed", "the evidence is not trusted:", {}};
  for (const Check& check : checks) {
    if (check.outcome != Outcome::kFail) continue;
    out.message += " " + std::string(check.name) + " (expected " + check.expected + ", found " +
                   check.found + ");";
    out.failed_checks.push_back(check);
  }
  out.message.pop_back();
  return out;
}

// Where each TEE carries what was fixed before launch.
std::string_view InitTimeClaim(std::string_view scheme) {
  if (scheme == "sgx") return "config_id";
  return scheme == "tdx" ? "mrconfigid" : "host_data";
}

// The claim must be the SHA-256 of the data, filled up with zeros to its own size.
std::optional<ApiError> CheckInitTime(const BoundData& data, std::string_view scheme,
                                      const Claims& claims) {
  const std::string_view name = InitTimeClaim(scheme);
  const std::string digest = HexEncode(Sha256(data.bytes));
  std::string found = "none";
  for (const auto& [key, value] : claims) {
    if (key == name && value.AsString() != nullptr) found = *value.AsString();
  }
  const bool bound =
      found.starts_with(digest) && found.find_first_not_of('0', digest.size()) == std::string::npos;
  if (bound) return std::nullopt;
  return Denied({Check{"binding.init_time_data",
                       Outcome::kFail,
                       std::string(name) + " begins with the SHA-256 " + digest,
                       found,
                       {},
                       "Azure Attestation REST API, InitTimeData"}});
}

// What a source gives, and the certificates that came with the evidence: whoever brings a VCEK does
// not need it fetched.
class WithCertificates final : public CollateralSource {
 public:
  WithCertificates(CollateralSource& source, const std::vector<CertificatePtr>& certificates)
      : source_(source), certificates_(certificates) {}

  std::shared_ptr<const Collateral> Gather(const CollateralNeeds& needs, Time now) override {
    CollateralNeeds rest = needs;
    if (auto* amd = std::get_if<AmdNeed>(&rest)) {
      amd->has_leaf = std::any_of(certificates_.begin(), certificates_.end(),
                                  [](const auto& c) { return c->subject_cn() == "SEV-VCEK"; });
    }
    Collateral out = *source_.Gather(rest, now);
    out.certificates.insert(out.certificates.end(), certificates_.begin(), certificates_.end());
    return std::make_shared<const Collateral>(std::move(out));
  }

 private:
  CollateralSource& source_;
  const std::vector<CertificatePtr>& certificates_;
};

}  // namespace

AttestService::AttestService(Appraiser& appraiser, CollateralSource& source,
                             std::vector<TokenSigner> signers, AttestServiceOptions options)
    : appraiser_(appraiser),
      source_(source),
      signers_(std::move(signers)),
      options_(std::move(options)) {}

std::string AttestService::MetricsText() const {
  return metrics_.Text() +
         (options_.collateral_metrics ? options_.collateral_metrics() : std::string());
}

tl::expected<Verdict, ApiError> AttestService::Judge(const AttestRequest& request) {
  Expectations expectations;
  expectations.allow_missing_crl = options_.allow_missing_crl;
  expectations.allow_debug = options_.allow_debug;
  if (request.runtime_data) {
    expectations.report_data = ToBytes(Sha256(request.runtime_data->bytes));
  }
  WithCertificates extended(source_, request.certificates);
  CollateralSource& source = request.certificates.empty() ? source_ : extended;
  Result<Verdict> verdict = appraiser_.Appraise(request.evidence, request.scheme, source,
                                                expectations, options_.evidence_clock());
  if (!verdict) return tl::unexpected(FromError(verdict.error()));
  if (!verdict->trusted) return tl::unexpected(Denied(verdict->checks));
  if (request.init_time_data) {
    auto refusal = CheckInitTime(*request.init_time_data, request.scheme, verdict->claims);
    if (refusal) return tl::unexpected(std::move(*refusal));
  }
  return std::move(*verdict);
}

Result<std::string> AttestService::Issue(const AttestRequest& request,
                                         const Verdict& verdict) const {
  TokenContext context;
  context.issuer = options_.issuer;
  context.jti = HexEncode(TRY(RandomBytes(32)));
  context.issued_at = options_.clock();
  context.nonce = request.nonce;
  context.policy = kPolicy;
  if (request.runtime_data) {
    context.runtime = request.runtime_data->document;
    if (!context.runtime) context.enclave_held_data = request.runtime_data->bytes;
  }
  if (request.init_time_data) context.init_time = request.init_time_data->document;
  const TokenSigner& signer = signers_.front();
  const JwsHeader header{options_.issuer + "/certs", KeyId(*signer.certificate), {}};
  return SignJws(signer.key, header, MaaClaims(request.scheme, verdict.claims, context));
}

tl::expected<std::string, ApiError> AttestService::Attest(const AttestRequest& request) {
  const tl::expected<Verdict, ApiError> verdict = Judge(request);
  metrics_.CountVerdict(request.scheme, verdict.has_value());
  if (!verdict) return tl::unexpected(verdict.error());
  Result<std::string> token = Issue(request, *verdict);
  if (!token) return tl::unexpected(FromError(token.error()));
  return std::move(*token);
}

}  // namespace assay
