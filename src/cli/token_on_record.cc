#include "cli/token_on_record.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "ledger/proof_document.h"
#include "token/jwk.h"
#include "token/jws_verify.h"

namespace assay::cli {
namespace {

using ledger::VerifiedEntry;

tl::unexpected<Error> NotOnRecord(std::string what) {
  return Fail(ErrorCode::kInvalidArgument, "token: " + std::move(what),
              "a token of this service names an entry of the ledger, and its key is in one");
}

// The key that an entry introduces; nothing for an entry of another kind.
Result<std::optional<VerificationKey>> KeyIntroducedBy(const ledger::Record& record,
                                                       std::string_view issuer) {
  if (record.kind != ledger::RecordKind::kAdministration) return std::nullopt;
  const json::Value detail = TRY(json::Parse(record.detail));
  const json::Value* const named = detail.Find("issuer");
  const json::Value* const jwk = detail.Find("jwk");
  if (named == nullptr || named->AsString() == nullptr || *named->AsString() != issuer ||
      jwk == nullptr) {
    return std::nullopt;
  }
  VerificationKey key = TRY(ParseJwk(*jwk));
  if (record.subject != "token key " + key.kid) return std::nullopt;
  return std::optional(std::move(key));
}

struct Introduction {
  VerifiedEntry entry;
  VerificationKey key;
};

// What the list itself says of a key is not believed: only what its entry says.
Result<Introduction> FindIntroduction(std::string_view signers, const UnverifiedJws& token,
                                      const ledger::NoteVerifier& log) {
  const json::Value document = TRY(json::Parse(signers));
  const json::Value* const list = document.Find("signers");
  if (list == nullptr || list->AsArray() == nullptr) {
    return Fail(ErrorCode::kMalformed, "signers: expected {\"signers\":[...]}",
                "curl URL/ledger/signers");
  }
  for (const json::Value& one : *list->AsArray()) {
    const json::Value* const proof = one.Find("proof");
    if (proof == nullptr) continue;
    VerifiedEntry entry =
        TRY(VerifyEntryProof(TRY(ledger::ParseEntryProof(json::Write(*proof))), log));
    if (!entry.record) continue;
    auto key = TRY(KeyIntroducedBy(*entry.record, token.ClaimedIssuer()));
    if (!key || key->kid != token.kid()) continue;
    return Introduction{std::move(entry), std::move(*key)};
  }
  return NotOnRecord(
      fmt::format("no entry introduces the key {} of {}", token.kid(), token.ClaimedIssuer()));
}

// The receipt must be of the very leaf that the token names.
Result<VerifiedEntry> CheckDecision(const json::Value& claims, std::string_view receipt,
                                    const ledger::NoteVerifier& log) {
  const json::Value* const place = claims.Find("x-assay-ledger");
  if (place == nullptr) return NotOnRecord("it names no entry (x-assay-ledger)");
  const std::string leaf = TRY(place->String("leaf", "x-assay-ledger"));
  const json::Value* const index = place->Find("index");
  const ledger::EntryProof proof = TRY(ledger::ParseEntryProof(receipt));
  VerifiedEntry entry = TRY(VerifyEntryProof(proof, log));
  const std::string found = Base64UrlEncode(ledger::LeafHash(proof.leaf));
  if (leaf != found) {
    return NotOnRecord(fmt::format("it names the leaf {}, the receipt is of {}", leaf, found));
  }
  if (index == nullptr || index->AsInt() == nullptr ||
      static_cast<std::uint64_t>(*index->AsInt()) != entry.inclusion.index) {
    return NotOnRecord(fmt::format("it names another entry than {}, of which the receipt is",
                                   entry.inclusion.index));
  }
  return entry;
}

}  // namespace

Result<TokenOnRecord> CheckTokenOnRecord(std::string_view token, std::string_view signers,
                                         std::string_view receipt,
                                         const ledger::NoteVerifier& log) {
  const UnverifiedJws jws = TRY(ParseJws(token));
  const Introduction introduced = TRY(FindIntroduction(signers, jws, log));
  const VerifiedJws verified = TRY(VerifyJws(jws, introduced.key));
  const json::Value claims = TRY(verified.Claims());
  const VerifiedEntry decision = TRY(CheckDecision(claims, receipt, log));
  TokenOnRecord out;
  out.issuer = jws.ClaimedIssuer();
  out.kid = jws.kid();
  out.introduced_by = introduced.entry.inclusion.index;
  out.introduced = introduced.entry.time;
  out.decision = decision.inclusion.index;
  out.decided = decision.time;
  return out;
}

}  // namespace assay::cli
