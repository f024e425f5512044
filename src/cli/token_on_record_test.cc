#include "cli/token_on_record.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "ledger/testing_ledger.h"
#include "token/jwks.h"
#include "token/jws.h"

namespace assay::cli {
namespace {

constexpr const char* kIssuer = "https://attest.example";

// A service's side: a ledger, a token key, and what the service does with them.
class TokenIsOnRecord : public ::testing::Test {
 protected:
  ledger::Entered Enter(ledger::RecordKind kind, std::string subject, json::Object detail) {
    ledger::Record record;
    record.kind = kind;
    if (kind == ledger::RecordKind::kAttestation) {
      record.verdict = ledger::RecordVerdict::kPermitted;
    }
    record.time = FromUnixSeconds(1'764'590'400);
    record.subject = std::move(subject);
    record.detail = json::Write(detail);
    return ledger_->Enter(record).value();
  }
  std::uint64_t Introduce(const SigningKey& key, const std::string& issuer = kIssuer) {
    return Enter(ledger::RecordKind::kAdministration, "token key k",
                 {{"issuer", issuer}, {"jwk", PublicJwk(key, "k").value()}})
        .index;
  }
  ledger::Entered Decide() {
    return Enter(ledger::RecordKind::kAttestation, "SgxEnclave", {{"jti", "1"}});
  }
  json::Object Place(const ledger::Entered& entered) {
    return {{"index", entered.index}, {"leaf", Base64UrlEncode(entered.leaf)}};
  }
  std::string Token(const SigningKey& key, json::Object place) {
    json::Object claims{{"iss", kIssuer}};
    if (!place.empty()) claims.emplace_back("x-assay-ledger", std::move(place));
    return SignJws(key, {{}, "k", {}, {}}, claims).value();
  }
  std::string Signers(const std::vector<std::uint64_t>& indices) {
    json::Array list;
    for (const std::uint64_t one : indices) {
      list.emplace_back(
          json::Object{{"kid", "k"}, {"proof", EntryProofJson(ledger_->Prove(one).value())}});
    }
    return json::Write(json::Object{{"signers", std::move(list)}});
  }
  std::string Receipt(std::uint64_t index) {
    return ledger::WriteEntryProof(ledger_->Prove(index).value());
  }
  // "on record", or the error.
  std::string Verdict(const std::string& token, const std::string& signers,
                      const std::string& receipt) {
    const auto found = CheckTokenOnRecord(token, signers, receipt, ledger_->verifier());
    return found ? "on record" : found.error().message;
  }

  ledger::ObservedStore store_;
  std::unique_ptr<ledger::Ledger> ledger_ =
      ledger::Ledger::Open(store_, ledger::TestKeys()).value();
  const SigningKey key_ = SigningKey::Generate(KeyType::kP256).value();
  const SigningKey stolen_ = SigningKey::Generate(KeyType::kP256).value();
};

TEST_F(TokenIsOnRecord, ByTheEntriesOfItsKeyAndOfItsDecision) {
  const std::uint64_t introduced = Introduce(key_);
  const ledger::Entered decision = Decide();
  const auto found = CheckTokenOnRecord(Token(key_, Place(decision)), Signers({introduced}),
                                        Receipt(decision.index), ledger_->verifier());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->introduced_by, introduced);
  EXPECT_EQ(found->decision, decision.index);
  EXPECT_EQ(found->issuer, kIssuer);
}

TEST_F(TokenIsOnRecord, UnlessItsKeyWasNeverIntroduced) {
  const ledger::Entered decision = Decide();
  const std::string token = Token(key_, Place(decision));
  const std::string receipt = Receipt(decision.index);
  EXPECT_NE(Verdict(token, Signers({}), receipt).find("no entry introduces"), std::string::npos);
  const std::uint64_t elsewhere = Introduce(key_, "https://other.example");
  EXPECT_NE(Verdict(token, Signers({elsewhere}), receipt).find("no entry introduces"),
            std::string::npos);
  // An entry of another kind introduces nothing, whatever it says.
  const std::uint64_t other = Enter(ledger::RecordKind::kAttestation, "token key k",
                                    {{"issuer", kIssuer}, {"jwk", PublicJwk(key_, "k").value()}})
                                  .index;
  EXPECT_NE(Verdict(token, Signers({other}), receipt).find("no entry introduces"),
            std::string::npos);
}

TEST_F(TokenIsOnRecord, UnlessAnotherKeyOfThatNameSignedIt) {
  const std::uint64_t introduced = Introduce(key_);
  const ledger::Entered decision = Decide();
  EXPECT_NE(
      Verdict(Token(stolen_, Place(decision)), Signers({introduced}), Receipt(decision.index)),
      "on record");
}

TEST_F(TokenIsOnRecord, UnlessItsDecisionIsNot) {
  const std::uint64_t introduced = Introduce(key_);
  const ledger::Entered decision = Decide();
  const ledger::Entered other = Decide();
  const std::string signers = Signers({introduced});
  const std::string receipt = Receipt(decision.index);
  EXPECT_NE(Verdict(Token(key_, {}), signers, receipt).find("names no entry"), std::string::npos);
  EXPECT_NE(Verdict(Token(key_, Place(other)), signers, receipt).find("names the leaf"),
            std::string::npos);
  const ledger::Entered shifted{other.index, decision.leaf};
  EXPECT_NE(Verdict(Token(key_, Place(shifted)), signers, receipt).find("another entry"),
            std::string::npos);
}

TEST_F(TokenIsOnRecord, UnlessTheProofsAreOfAnotherLedger) {
  const std::uint64_t introduced = Introduce(key_);
  const ledger::Entered decision = Decide();
  ledger::LedgerKeys keys = ledger::TestKeys();
  keys.signing = Ed25519Key::Generate().value();
  ledger::ObservedStore elsewhere;
  const auto other = ledger::Ledger::Open(elsewhere, std::move(keys)).value();
  EXPECT_FALSE(CheckTokenOnRecord(Token(key_, Place(decision)), Signers({introduced}),
                                  Receipt(decision.index), other->verifier()));
}

}  // namespace
}  // namespace assay::cli
