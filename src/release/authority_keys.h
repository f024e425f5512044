// Whose word counts: the token keys of the authorities that this service trusts.
#pragma once

#include <string>

#include "base/result.h"
#include "token/jwk.h"

namespace assay::release {

// Issuers are given as CanonicalIssuer gives them. Implementations are safe for concurrent use.
class AuthorityKeys {
 public:
  virtual ~AuthorityKeys() = default;

  // Whether this service takes the word of that issuer at all. No policy makes it so.
  virtual bool Trusts(const std::string& issuer) const = 0;
  // A key of an issuer that is trusted. kMissing: the issuer has no such key. Any other error: it
  // cannot be told now, and the release is not judged.
  virtual Result<VerificationKey> Find(const std::string& issuer, const std::string& kid) = 0;
};

}  // namespace assay::release
