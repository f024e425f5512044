// Assay's claims under the names of Azure Attestation tokens (azure-docs,
// attestation/claim-sets.md, attestation-token-examples.md and tdx-eat-profile.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/json.h"
#include "base/time.h"
#include "evidence/claims.h"

namespace assay {

// What stands in the token besides the evidence's own claims.
struct TokenContext {
  std::string issuer;
  std::string jti;
  Time issued_at{};
  std::string nonce;    // left out when empty
  std::string policy;   // the policy text that admitted the evidence
  json::Object issued;  // what that policy issued
  std::int64_t lifetime_seconds =
      std::int64_t{8} * 3600;              // as Azure's tokens, unless the policy says
  json::Object machine;                    // what is known of the machine besides its evidence
  bool guest = false;                      // evidence as /attest/AzureGuest takes it
  json::Object policy_claims;              // for policies alone: of data that evidence vouches for
  json::Object custom_claims;              // for policies alone: of the attester's own making
  std::optional<json::Value> runtime;      // runtime data given as JSON
  std::optional<Bytes> enclave_held_data;  // runtime data given as bytes
  std::optional<json::Value> init_time;    // init time data given as JSON
};

// The claims that the evidence itself makes, under their names in policies and tokens. `scheme` is
// "sgx", "tdx", "snp", "tpm", "azure" or "vbs"; `guest` as in TokenContext.
json::Object EvidenceClaims(std::string_view scheme, const Claims& claims, bool guest);

// The claims of what was bound to the evidence or sent beside it, for policies and tokens.
json::Object BoundClaims(std::string_view scheme, const TokenContext& context);

// The whole token. What the policy issued stands in "x-ms-policy" and, as recorded from Azure,
// beside the other claims; there it never takes the place of a claim of the service.
// The members come sorted by name, as Azure writes them.
json::Object MaaClaims(std::string_view scheme, const Claims& claims, const TokenContext& context);

// BASE64URL(SHA256(UTF8(BASE64URL(UTF8(policy text))))): the definition of x-ms-policy-hash.
std::string PolicyHash(std::string_view policy);

}  // namespace assay
