// The claims of evidence that is trusted, as a type: where one is asked for, no unverified claim
// can be passed by mistake.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "evidence/claims.h"

namespace assay {

// Only Appraiser makes one, after every check has passed or was waived in words.
class VerifiedClaims {
 public:
  std::string_view scheme() const { return scheme_; }  // "sgx", "tdx", "snp"
  const Claims& claims() const { return claims_; }

 private:
  friend class Appraiser;
  VerifiedClaims(std::string_view scheme, Claims claims)
      : scheme_(scheme), claims_(std::move(claims)) {}

  std::string scheme_;
  Claims claims_;
};

}  // namespace assay
