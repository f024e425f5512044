// What a receipt of Confidential Ledger claims of its entry: that it has this collection and these
// contents (the protocol LedgerEntryV1, which Azure's client libraries verify):
//
//   entry  = SHA-256(HMAC-SHA256(key, collection) ‖ HMAC-SHA256(key, contents))
//   claim  = SHA-256("LedgerEntryV1" ‖ entry)
//   digest = SHA-256(number of claims, 32 bits little-endian ‖ claim...)
//
// The key comes from the salt of the entry: who has the receipt without the claim cannot find the
// contents by guessing, and it goes with the salt when the entry is redacted.
#pragma once

#include <string>

#include "base/json.h"
#include "ledger/application_entry.h"
#include "ledger/merkle.h"

namespace assay::ledger {

inline constexpr std::string_view kClaimProtocol = "LedgerEntryV1";

struct LedgerEntryClaim {
  std::string collection;
  std::string contents;
  Bytes secret_key;
};
LedgerEntryClaim ClaimOf(const ApplicationEntry& entry, View salt);
// Of this one claim.
Hash ClaimsDigest(const LedgerEntryClaim& claim);

// An element of "applicationClaims", and back: kMalformed for another kind or protocol.
json::Object ClaimJson(const LedgerEntryClaim& claim);
Result<LedgerEntryClaim> ParseClaim(const json::Value& value);

}  // namespace assay::ledger
