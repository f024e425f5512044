// Bearer tokens (RFC 6750): from the text of an Authorization header to claims that an issuer we
// trust has signed for us and now.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_file.h"
#include "access/issuer_keys.h"
#include "base/json.h"
#include "base/time.h"

namespace assay::access {

struct BearerClaims {
  std::string issuer;
  std::string subject;  // `sub`
  json::Value claims;
};

struct TrustedIssuer {
  IssuerRule rule;
  std::shared_ptr<IssuerKeys> keys;
};

// Safe for concurrent use.
class BearerCheck {
 public:
  explicit BearerCheck(std::vector<TrustedIssuer> issuers) : issuers_(std::move(issuers)) {}

  // `iss` one of the issuers, signed by a key of it, `aud` one of its audiences, `exp` and `nbf`
  // around `now` with limits::kClockSkew, `sub` there. An error of kIo means that it could not be
  // judged now; every other one, that the token is no good.
  Result<BearerClaims> Check(std::string_view token, Time now) const;

  const std::vector<TrustedIssuer>& issuers() const { return issuers_; }

 private:
  const std::vector<TrustedIssuer> issuers_;
};

}  // namespace assay::access
