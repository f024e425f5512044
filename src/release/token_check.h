// An attestation token as evidence for a release: signed by an authority that the policy names and
// this service trusts, for now and for us.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "release/authority_keys.h"
#include "release/policy.h"
#include "release/reason.h"

namespace assay::release {

struct TokenRules {
  // How far the clock of an authority may be from ours; at most limits::kReleaseLongestSkew.
  std::chrono::seconds clock_skew = limits::kClockSkew;
  // One of them has to be the token's. Empty: tokens need no audience, as Azure Attestation's have
  // none.
  std::vector<std::string> audiences;
};

struct CheckedToken {
  std::string issuer;   // as CanonicalIssuer gives it
  Sha256Digest signer;  // of the key that signed it (PublicKey::SpkiDigest)
  json::Value claims;
  Time refused_from{};  // the first second in which it is refused as expired
};

// Nothing in the token's header is a key: jwk and x5u are refused, and jku is taken for what it is
// in Azure's tokens, a note below the issuer's own address.
Judged<CheckedToken> CheckToken(std::string_view text, const ReleasePolicy& policy,
                                AuthorityKeys& keys, const TokenRules& rules, Time now);

}  // namespace assay::release
