// Attestation without HTTP: evidence and the data bound to it in, a signed token or the reasons for
// a denial out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.h"
#include "api/metrics.h"
#include "appraise/appraise.h"
#include "base/json.h"
#include "token/jwks.h"

namespace assay {

using Clock = std::function<Time()>;

// Data whose SHA-256 the evidence carries.
struct BoundData {
  Bytes bytes;
  std::optional<json::Value> document;  // when given as JSON
};

struct AttestRequest {
  std::string_view scheme;  // "sgx", "tdx", "snp"
  Bytes evidence;
  std::vector<CertificatePtr> certificates;  // that came with the evidence
  std::optional<BoundData> runtime_data;
  std::optional<BoundData> init_time_data;
  std::string nonce;
};

struct AttestServiceOptions {
  std::string issuer;    // "https://attest.example", without a slash at the end
  Clock clock;           // for tokens
  Clock evidence_clock;  // for judging evidence; differs from `clock` only in demonstrations
  std::function<std::string()> collateral_metrics;  // more lines for /metrics; may be empty
  bool allow_missing_crl = false;
  bool allow_debug = false;
};

// Safe for concurrent use.
class AttestService {
 public:
  // Appraiser and source outlive the service.
  AttestService(Appraiser& appraiser, CollateralSource& source, std::vector<TokenSigner> signers,
                AttestServiceOptions options);

  // The compact token, or why there is none.
  tl::expected<std::string, ApiError> Attest(const AttestRequest& request);

  const std::string& issuer() const { return options_.issuer; }
  const std::vector<TokenSigner>& signers() const { return signers_; }  // the first one signs
  Metrics& metrics() { return metrics_; }
  std::string MetricsText() const;

 private:
  tl::expected<Verdict, ApiError> Judge(const AttestRequest& request);
  Result<std::string> Issue(const AttestRequest& request, const Verdict& verdict) const;

  Appraiser& appraiser_;
  CollateralSource& source_;
  const std::vector<TokenSigner> signers_;
  const AttestServiceOptions options_;
  Metrics metrics_;
};

}  // namespace assay
