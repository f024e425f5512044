// Receipts as Azure Confidential Ledger writes them (API 2022-05-13: TransactionReceipt).
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "ledger/ccf_receipt.h"

namespace assay::ledger {
namespace {

constexpr std::string_view kReceiptWhere = "receipt";

tl::unexpected<Error> ReceiptMalformed(std::string what) {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}", kReceiptWhere, what),
              "expected what GET /app/transactions/ID/receipt answers");
}

Result<Hash> HashFrom(std::string_view hex, std::string_view what) {
  const auto bytes = HexDecode(hex);
  Hash out{};
  if (!bytes || bytes->size() != out.size() || HexEncode(*bytes) != hex) {
    return ReceiptMalformed(fmt::format("{}: expected 64 hexadecimal digits", what));
  }
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

// A component that is left out is one that nobody can verify the receipt without.
Result<std::string> Component(const json::Value& components, std::string_view name) {
  if (components.Find(name) != nullptr) return components.String(name, "leafComponents");
  return Fail(ErrorCode::kUnsupported, fmt::format("receipt: it has no leafComponents.{}", name),
              "the published algorithm computes the leaf from writeSetDigest, commitEvidence and "
              "claimsDigest: ask the ledger for the receipt again");
}

Result<CcfLeaf> LeafFrom(const json::Value& receipt) {
  const json::Value* const components = receipt.Find("leafComponents");
  if (components == nullptr) return ReceiptMalformed("expected leafComponents");
  const std::string write_set = TRY(Component(*components, "writeSetDigest"));
  const std::string claims = TRY(Component(*components, "claimsDigest"));
  CcfLeaf out;
  out.commit_evidence = TRY(Component(*components, "commitEvidence"));
  out.write_set = TRY(HashFrom(write_set, "writeSetDigest"));
  out.claims = TRY(HashFrom(claims, "claimsDigest"));
  return out;
}

Result<std::vector<PathElement>> PathFrom(const json::Value& receipt) {
  const json::Array* const list = TRY(receipt.List("proof", kReceiptWhere));
  if (list->size() > limits::kLedgerProofHashes) {
    return ReceiptMalformed(fmt::format("proof: it has {} hashes, at most {} are accepted",
                                        list->size(), limits::kLedgerProofHashes));
  }
  std::vector<PathElement> out;
  for (const json::Value& one : *list) {
    const json::Object* const members = one.AsObject();
    if (members == nullptr || members->size() != 1 ||
        members->front().second.AsString() == nullptr) {
      return ReceiptMalformed("proof: expected elements {\"left\": HASH} or {\"right\": HASH}");
    }
    const auto& [side, hash] = members->front();
    if (side != "left" && side != "right") {
      return ReceiptMalformed(fmt::format("proof: there is no side \"{}\"", side));
    }
    PathElement element{side == "left" ? Side::kLeft : Side::kRight, {}};
    element.hash = TRY(HashFrom(*hash.AsString(), "proof"));
    out.push_back(element);
  }
  return out;
}

Result<std::vector<std::string>> EndorsementsFrom(const json::Value& receipt) {
  std::vector<std::string> out;
  if (receipt.Find("serviceEndorsements") == nullptr) return out;
  const json::Array* const list = TRY(receipt.List("serviceEndorsements", kReceiptWhere));
  if (list->size() > limits::kServiceEndorsements) {
    return ReceiptMalformed("serviceEndorsements: there are too many");
  }
  for (const json::Value& one : *list) {
    if (one.AsString() == nullptr) return ReceiptMalformed("serviceEndorsements: expected strings");
    out.push_back(*one.AsString());
  }
  return out;
}

Result<std::optional<LedgerEntryClaim>> ClaimFrom(const json::Value& answer) {
  if (answer.Find("applicationClaims") == nullptr) return std::nullopt;
  const json::Array* const list = TRY(answer.List("applicationClaims", kReceiptWhere));
  if (list->empty()) return std::nullopt;
  if (list->size() > 1) {
    return Fail(ErrorCode::kUnsupported, "receipt: expected one application claim, found several");
  }
  return std::optional(TRY(ParseClaim(list->front())));
}

// What the API may state although it follows from the rest.
Result<void> CheckStated(const json::Value& receipt, std::string_view name, const Hash& computed) {
  if (receipt.Find(name) == nullptr) return {};
  const std::string text = TRY(receipt.String(name, kReceiptWhere));
  if (TRY(HashFrom(text, name)) == computed) return {};
  return ReceiptMalformed(fmt::format("the {} that it states is not its own", name));
}

}  // namespace

json::Object CcfReceiptJson(const CcfReceipt& receipt, bool with_claims) {
  json::Array path;
  for (const PathElement& one : receipt.proof.path) {
    path.emplace_back(
        json::Object{{one.side == Side::kLeft ? "left" : "right", HexEncode(one.hash)}});
  }
  json::Array endorsements;
  for (const std::string& one : receipt.endorsements) endorsements.emplace_back(one);
  const CcfLeaf& leaf = receipt.proof.leaf;
  json::Object contents{
      {"cert", receipt.certificate},
      {"leafComponents", json::Object{{"claimsDigest", HexEncode(leaf.claims)},
                                      {"commitEvidence", leaf.commit_evidence},
                                      {"writeSetDigest", HexEncode(leaf.write_set)}}},
      {"nodeId", receipt.node_id},
      {"proof", std::move(path)},
      {"serviceEndorsements", std::move(endorsements)},
      {"signature", Base64Encode(receipt.signature)}};
  json::Object out{{"receipt", std::move(contents)},
                   {"state", "Ready"},
                   {"transactionId", ToText(receipt.proof.id)}};
  if (with_claims && receipt.proof.claim) {
    out.emplace_back("applicationClaims", json::Array{ClaimJson(*receipt.proof.claim)});
  }
  return out;
}

Result<CcfReceipt> ParseCcfReceipt(std::string_view text) {
  if (text.size() > limits::kCcfReceiptBytes) return ReceiptMalformed("it is too large");
  const json::Value answer = TRY(json::Parse(text));
  const std::string state = TRY(answer.String("state", kReceiptWhere));
  if (state != "Ready") {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("receipt: expected the state Ready, found \"{}\"", state),
                "ask the ledger again");
  }
  const json::Value* const receipt = answer.Find("receipt");
  if (receipt == nullptr) return ReceiptMalformed("expected the member receipt");
  const std::string id = TRY(answer.String("transactionId", kReceiptWhere));
  CcfReceipt out;
  out.proof.id = TRY(ParseTransactionId(id));
  out.proof.leaf = TRY(LeafFrom(*receipt));
  out.proof.path = TRY(PathFrom(*receipt));
  out.proof.root = CcfRootOf(out.proof);
  out.proof.claim = TRY(ClaimFrom(answer));
  out.node_id = TRY(receipt->String("nodeId", kReceiptWhere));
  out.certificate = TRY(receipt->String("cert", kReceiptWhere));
  out.endorsements = TRY(EndorsementsFrom(*receipt));
  const std::string signature = TRY(receipt->String("signature", kReceiptWhere));
  out.signature = TRY(Base64Decode(signature));
  TRY_VOID(CheckStated(*receipt, "leaf", CcfLeafHash(out.proof.leaf)));
  TRY_VOID(CheckStated(*receipt, "root", out.proof.root));
  return out;
}

}  // namespace assay::ledger
