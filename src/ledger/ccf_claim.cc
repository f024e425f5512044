#include "ledger/ccf_claim.h"

#include "base/encoding.h"
#include "crypto/hmac.h"

namespace assay::ledger {
namespace {

constexpr std::string_view kClaimWhere = "receipt: applicationClaims";
constexpr std::string_view kClaimKind = "LedgerEntry";

}  // namespace

LedgerEntryClaim ClaimOf(const ApplicationEntry& entry, View salt) {
  return {entry.collection, entry.contents,
          ToBytes(HmacSha256(salt, AsBytes("assay ledger claim")))};
}

Hash ClaimsDigest(const LedgerEntryClaim& claim) {
  Bytes parts = ToBytes(HmacSha256(claim.secret_key, AsBytes(claim.collection)));
  Append(parts, HmacSha256(claim.secret_key, AsBytes(claim.contents)));
  Bytes one = ToBytes(AsBytes(kClaimProtocol));
  Append(one, Sha256(parts));
  Bytes all{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}};
  Append(all, Sha256(one));
  return Sha256(all);
}

json::Object ClaimJson(const LedgerEntryClaim& claim) {
  return {{"kind", kClaimKind},
          {"ledgerEntry", json::Object{{"protocol", kClaimProtocol},
                                       {"collectionId", claim.collection},
                                       {"contents", claim.contents},
                                       {"secretKey", Base64Encode(claim.secret_key)}}}};
}

Result<LedgerEntryClaim> ParseClaim(const json::Value& value) {
  const std::string kind = TRY(value.String("kind", kClaimWhere));
  const json::Value* const entry = value.Find("ledgerEntry");
  if (kind != kClaimKind || entry == nullptr) {
    return Fail(ErrorCode::kUnsupported, std::string(kClaimWhere) + ": expected a LedgerEntry");
  }
  if (TRY(entry->String("protocol", kClaimWhere)) != kClaimProtocol) {
    return Fail(ErrorCode::kUnsupported,
                std::string(kClaimWhere) + ": expected the protocol LedgerEntryV1");
  }
  LedgerEntryClaim out;
  out.collection = TRY(entry->String("collectionId", kClaimWhere));
  out.contents = TRY(entry->String("contents", kClaimWhere));
  const std::string key = TRY(entry->String("secretKey", kClaimWhere));
  out.secret_key = TRY(Base64Decode(key));
  return out;
}

}  // namespace assay::ledger
