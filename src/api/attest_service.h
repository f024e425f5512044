// Attestation without HTTP: evidence and the data bound to it in, verified, put to the policy of
// its type; a signed token or the reasons for a denial out.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/decision_log.h"
#include "api/error.h"
#include "api/metrics.h"
#include "api/policy_set.h"
#include "api/tpm_challenges.h"
#include "appraise/appraise.h"
#include "base/json.h"
#include "token/jws.h"
#include "token/key_ring.h"
#include "token/maa_claims.h"

namespace assay {

using Clock = std::function<Time()>;

// Data whose SHA-256 the evidence carries.
struct BoundData {
  Bytes bytes;
  std::optional<json::Value> document;  // when given as JSON
};

struct AttestRequest {
  std::string actor;    // who asks; for the record
  std::string subject;  // the machine it is about; empty: the type alone is known
  policy::AttestationType type = policy::AttestationType::kSgxEnclave;  // whose policy decides
  std::string_view scheme;                                              // "sgx", "tdx", "snp"
  Bytes evidence;
  std::vector<CertificatePtr> certificates;  // that came with the evidence
  std::optional<BoundData> runtime_data;
  std::optional<BoundData> init_time_data;
  std::string nonce;
  std::optional<std::string> draft;          // a policy to try in place of the one in force
  Expectations expectations;                 // besides what the service and the runtime data demand
  json::Object policy_claims;                // of data that the evidence vouches for; for policies
  json::Object custom_claims;                // of the attester's own making; for policies
  json::Object token_claims;                 // for the token alone
  std::optional<json::Value> runtime_claim;  // x-ms-runtime, vouched for otherwise than by a hash
};

struct AttestServiceOptions {
  std::string fleet = "shared";  // whose machines: of this provider alone
  std::string issuer;            // "https://attest.example", without a slash at the end
  Clock clock;                   // for tokens
  Clock evidence_clock;  // for judging evidence; differs from `clock` only in demonstrations
  std::function<std::string()> collateral_metrics;  // more lines for /metrics; may be empty
  // Told of each request whose evidence verified, drafts apart; may be empty.
  std::function<void(policy::AttestationType type, std::string_view body)> record;
  const DecisionLog* decisions = nullptr;  // null: nothing is put on the record
  std::shared_ptr<Metrics> metrics;        // shared with other services; null: its own
  bool allow_missing_crl = false;
  bool allow_debug = false;
};

// A token, and where the decision to give it stands; nowhere without a ledger.
struct Attestation {
  std::string token;
  std::optional<LedgerPlace> place;
};

// An attestation that was decided and is not told yet: its decision is being put on the record.
struct PendingAttestation {
  VerifiedClaims verified;
  TokenContext context;
  std::shared_ptr<const KeyRing> keys;
  const TokenSigner* signer;  // one of them
  JwsHeader header;
  bool draft = false;
  std::optional<Recording> recording;  // nothing without a ledger, and for a draft
};

// What two policies say about the same evidence.
struct PolicyComparison {
  policy::Evaluation in_force;
  policy::Evaluation draft;
};

// One for each provider. Safe for concurrent use.
class AttestService {
 public:
  // Appraiser and source outlive the service.
  AttestService(Appraiser& appraiser, CollateralSource& source, std::shared_ptr<const KeyRing> keys,
                AttestServiceOptions options);
  // With keys that do not change: the first signs, the others are published.
  AttestService(Appraiser& appraiser, CollateralSource& source, std::vector<TokenSigner> signers,
                AttestServiceOptions options);

  // After a rotation; the new ring holds what the old one published.
  void SetKeys(std::shared_ptr<const KeyRing> keys);

  // Starts with the defaults. Requests under way end under the set they began with.
  void SetPolicies(PolicySet policies);
  std::shared_ptr<const PolicySet> policies() const;

  // The compact token, or why there is none, on the record before it is told. That of a draft is
  // not signed: it must never be taken for one of this service, and no record is made of it.
  tl::expected<Attestation, ApiError> Attest(const AttestRequest& request);
  // The same in two steps, between which nobody waits: `recording` says when Finish can tell.
  tl::expected<PendingAttestation, ApiError> Begin(const AttestRequest& request);
  tl::expected<Attestation, ApiError> Finish(PendingAttestation pending) const;

  // The verdict alone: no policy is asked whether it admits, nothing is counted.
  Result<Verdict> Appraise(const AttestRequest& request);
  // A token for a machine whose evidence was trusted: `machine` are claims beside those of the
  // evidence. Where no policy is set for its type, what it was compared with has decided.
  tl::expected<Attestation, ApiError> Grant(const AttestRequest& request, const Verdict& verdict,
                                            json::Object machine);
  // The denial, with its place once it is on the record; or that it could not be.
  ApiError Deny(const AttestRequest& request, const std::vector<Sha256Digest>& collateral,
                ApiError denial, ledger::RecordKind kind = ledger::RecordKind::kDenial) const;
  // Null without a ledger.
  const DecisionLog* decisions() const { return options_.decisions; }

  Result<TpmChallenge> GiveTpmChallenge() const;
  monitor::ChallengeState UseTpmChallenge(View challenge, View service_context);

  // Nothing is signed, counted or recorded. An error when the evidence does not verify.
  tl::expected<PolicyComparison, ApiError> Compare(const AttestRequest& request,
                                                   const policy::Policy& draft);
  // To be called with the body of a request after its answer.
  void Record(const AttestRequest& request, std::string_view body,
              const tl::expected<Attestation, ApiError>& answer) const;

  // A signed answer of the management API: `members`, and iss, iat, nbf and exp in an hour, as
  // recorded from Azure.
  Result<std::string> Sign(json::Object members) const;
  // Any claims, under that `typ`.
  Result<std::string> SignAs(std::string_view type, const json::Object& claims) const;
  Time now() const { return options_.clock(); }

  const std::string& fleet() const { return options_.fleet; }
  const std::string& issuer() const { return options_.issuer; }
  std::vector<TokenSigner> PublishedSigners() const;  // now; the first one signs
  Metrics& metrics() { return *metrics_; }
  std::string MetricsText() const;

 private:
  // Under the demands of policies, in their order; null ones are skipped.
  Result<Verdict> Appraise(const AttestRequest& request,
                           std::initializer_list<const policy::Policy*> demanding);
  // `collateral`: the digests of what the evidence was verified with, also if it was in vain.
  tl::expected<VerifiedClaims, ApiError> Judge(
      const AttestRequest& request, std::initializer_list<const policy::Policy*> demanding,
      std::vector<Sha256Digest>& collateral);
  tl::expected<PendingAttestation, ApiError> Decide(
      const AttestRequest& request, VerifiedClaims verified, const policy::Policy* policy,
      TokenContext context, const std::vector<Sha256Digest>& collateral) const;
  tl::expected<PendingAttestation, ApiError> Prepare(
      const AttestRequest& request, VerifiedClaims verified, TokenContext context,
      const policy::Properties& properties, const std::vector<Sha256Digest>& collateral) const;

  tl::expected<Recording, ApiError> PutOnRecord(const AttestRequest& request,
                                                const TokenContext& context, const std::string& kid,
                                                const std::vector<Sha256Digest>& collateral) const;
  JwsHeader HeaderFor(const TokenSigner& signer, const policy::Properties& properties) const;

  Appraiser& appraiser_;
  CollateralSource& source_;
  const AttestServiceOptions options_;
  mutable std::mutex policies_mutex_;  // guards policies_; held to copy the pointer only
  std::shared_ptr<const PolicySet> policies_;
  std::shared_ptr<const KeyRing> keys() const;
  mutable std::mutex keys_mutex_;  // guards keys_; held to copy the pointer only
  std::shared_ptr<const KeyRing> keys_;
  const std::shared_ptr<Metrics> metrics_;
  const std::unique_ptr<TpmChallenges> tpm_challenges_;  // null: see TpmChallenges::Make
};

}  // namespace assay
