// Enrolment: a machine says who its TPM is, and proves that the attestation key is in that TPM.
//
// Begin judges the key and what vouches for it, and answers with a challenge. Complete judges the
// answer. What was established travels with the client as an opaque string under an HMAC: a
// stranger who begins enrolments takes no memory here. Only those that were completed are
// remembered, until they expire, so that none is used twice.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/secret.h"
#include "evidence/collateral.h"
#include "evidence/trace.h"
#include "tee/core/scheme.h"
#include "tee/core/verify_cache.h"
#include "tee/tpm/make_credential.h"

namespace assay::monitor {

struct EnrolmentOptions {
  TrustedRoots roots;
  bool allow_first_use = false;    // an endorsement key without certificate
  bool allow_missing_crl = false;  // waives revocation data that is absent, never data that fails
};

// Either `ek`, or `ak_certificates`. Certificates are DER, leaf first.
struct EnrolRequest {
  std::string name;  // for display; judged by the caller
  Bytes ak;          // TPM2B_PUBLIC or TPMT_PUBLIC
  Bytes ek;
  std::vector<Bytes> ek_certificates;
  std::vector<Bytes> ak_certificates;
  std::vector<Bytes> idevid_certificates;
};

struct Opened {
  std::string_view route;  // "ek-certificate", "ak-certificate", "iak", "first-use"
  std::vector<std::string> warnings;
  std::variant<tpm::Credential, Bytes> challenge;  // a credential, or a nonce to quote
  std::string enrolment;                           // opaque, for Complete
  std::chrono::seconds expires_in{};
};

struct Begun {
  std::vector<Check> checks;
  std::optional<Opened> opened;  // there if and only if no check failed
};

struct Enrolled {
  std::string machine;  // the first 32 hexadecimal digits of the digest in the AK's name
  std::string name;
  Bytes ak;  // TPMT_PUBLIC
  std::string route;
  std::vector<std::string> warnings;
  std::optional<Bytes> ek_certificate_digest;  // SHA-256
  std::vector<Bytes> ak_certificate_digests;   // SHA-256, leaf first
};

struct ActivationRefusal {
  enum class Reason {
    kUnknown,             // no enrolment of this service since it started, or altered
    kExpired,             // limits::kEnrolmentLife
    kUsedBefore,          // completed once
    kWrongProof,          // a secret where evidence is asked for, or the reverse
    kWrongSecret,         // not what the credential holds
    kEvidenceNotTrusted,  // see `checks`
    kTooMany,             // limits::kOpenEnrolments completed of late; try again
  };
  Reason reason = Reason::kUnknown;
  std::string message;
  std::vector<Check> checks = {};
};

struct SecretProof {
  View secret;  // what TPM2_ActivateCredential returned
};
struct EvidenceProof {
  View evidence;  // a tpm/1 document whose quotes hold the nonce
};
using Proof = std::variant<SecretProof, EvidenceProof>;
using Completed = std::variant<Enrolled, ActivationRefusal>;

// Safe for concurrent use.
class Enrolment {
 public:
  static Result<std::unique_ptr<Enrolment>> Make(EnrolmentOptions options);

  // An error only for bytes that are malformed or a request that names no route.
  Result<Begun> Begin(const EnrolRequest& request, const Collateral& collateral, Time now);
  // An error only for evidence that is malformed.
  Result<Completed> Complete(std::string_view enrolment, const Proof& proof, Time now);

 private:
  Enrolment(EnrolmentOptions options, SecretBytes key)
      : options_(std::move(options)), key_(std::move(key)) {}
  std::optional<ActivationRefusal> MarkUsed(const std::string& id, Time expires, Time now);

  const EnrolmentOptions options_;
  const SecretBytes key_;  // of the HMAC; made at start, gone at the end
  VerifyCache cache_;
  std::mutex mutex_;
  std::map<std::string, Time> used_;  // id to when it expires; guarded by mutex_
};

}  // namespace assay::monitor
