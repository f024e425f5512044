// Strict verification of compact JSON Web Signatures (RFC 7515 §5.2, RFC 8725).
//
//   const UnverifiedJws jws = TRY(ParseJws(text));
//   const VerificationKey* key = my_trusted_keys.Find(jws.kid());
//   const VerifiedJws verified = TRY(VerifyJws(jws, *key));
//
// The caller brings the keys it trusts. The header only says which of them; what it holds itself
// (jwk, jku, x5u, x5c) is never a key. Content can be read of a VerifiedJws only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "token/jwk.h"

namespace assay {

class VerifiedJws;

// Well-formed, and nothing more.
class UnverifiedJws {
 public:
  // For looking up a key the caller already trusts, and for nothing else. Empty if there is none.
  const std::string& kid() const { return kid_; }
  // The `iss` of a payload that is a JSON object, to look up a configured issuer; else empty.
  std::string ClaimedIssuer() const;

 private:
  friend Result<UnverifiedJws> ParseJws(std::string_view text);
  friend Result<VerifiedJws> VerifyJws(const UnverifiedJws& jws, const VerificationKey& key);
  friend Result<VerifiedJws> VerifyJwsByCertificate(const UnverifiedJws& jws,
                                                    std::span<const CertificatePtr> trusted,
                                                    Time now);
  UnverifiedJws() = default;

  std::string signed_part_;  // "header.payload", as it came
  json::Value header_;
  std::string kid_;
  JwsAlgorithm algorithm_{};
  Bytes payload_;
  Bytes signature_;
};

// Comes only out of the functions below.
class VerifiedJws {
 public:
  const json::Value& header() const { return header_; }
  const Bytes& payload() const { return payload_; }
  JwsAlgorithm algorithm() const { return algorithm_; }
  // Whose key verified it; null unless it came from VerifyJwsByCertificate.
  const CertificatePtr& signer() const { return signer_; }
  // The payload as the JSON object that a JWT has (RFC 7519 §7.2); duplicate members are an error.
  Result<json::Value> Claims() const;

 private:
  friend Result<VerifiedJws> VerifyJws(const UnverifiedJws& jws, const VerificationKey& key);
  friend Result<VerifiedJws> VerifyJwsByCertificate(const UnverifiedJws& jws,
                                                    std::span<const CertificatePtr> trusted,
                                                    Time now);
  VerifiedJws(json::Value header, Bytes payload, JwsAlgorithm algorithm)
      : header_(std::move(header)), payload_(std::move(payload)), algorithm_(algorithm) {}

  json::Value header_;
  Bytes payload_;
  JwsAlgorithm algorithm_;
  CertificatePtr signer_;
};

// The header of what ParseJws may refuse: three parts, the first of them a JSON object. Nothing is
// verified; it serves to say why a token is refused, and for nothing else.
Result<json::Value> ReadUnverifiedHeader(std::string_view text);

// Three parts of base64url without padding; a header that is a JSON object without duplicates, with
// a known `alg`. Refused: "none" and HS*, `crit` (no extension is known, RFC 7515 §4.1.11), `b64`,
// and more than limits::kJwsBytes.
Result<UnverifiedJws> ParseJws(std::string_view text);

// `alg` has to be one of the key's. A kid in the header has to be the key's, if that has one.
Result<VerifiedJws> VerifyJws(const UnverifiedJws& jws, const VerificationKey& key);

// The first certificate of x5c has to be one of `trusted`, byte for byte, and valid at `now`; its
// key verifies. Certificates behind it are not looked at.
Result<VerifiedJws> VerifyJwsByCertificate(const UnverifiedJws& jws,
                                           std::span<const CertificatePtr> trusted, Time now);

}  // namespace assay
