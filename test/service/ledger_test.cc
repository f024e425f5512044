// Decisions on the record: before they are answered, or they are not answered.
#include <gtest/gtest.h>

#include "service/recorded_ledger.h"
#include "service/simulated_service.h"
#include "service/watched_service.h"

namespace assay {
namespace {

using ledger::RecordKind;
using ledger::RecordVerdict;

constexpr const char* kVersion = "api-version=2025-06-01";

class OnRecord : public ::testing::Test {
 protected:
  static HttpResponse Attest(Service& with, const std::string& query = kVersion) {
    return with.Post("/attest/SgxEnclave", {{"quote", Encoded(with.simulation.evidence)}}, query);
  }
  static std::string HashOf(const Bytes& leaf) { return Base64UrlEncode(ledger::LeafHash(leaf)); }

  RecordedLedger ledger_;
};

TEST_F(OnRecord, IsAnAttestationBeforeItsTokenIsGiven) {
  Service with("sgx", "", &ledger_.service());
  const json::Value claims = TokenClaims(Attest(with), with.service);
  ASSERT_EQ(ledger_.size(), 1U);
  const ledger::Record record = ledger_.Last();
  EXPECT_EQ(record.kind, RecordKind::kAttestation);
  EXPECT_EQ(record.verdict, RecordVerdict::kPermitted);
  EXPECT_EQ(record.subject, "SgxEnclave");
  EXPECT_EQ(record.evidence, Sha256(with.simulation.evidence));
  const auto policies = with.service.policies();
  EXPECT_EQ(record.policy,
            Sha256(AsBytes(policies->Of(policy::AttestationType::kSgxEnclave)->text())));
  EXPECT_EQ(record.build, Sha256(AsBytes("build")));
  const Collateral& used = with.simulation.collateral;
  EXPECT_EQ(record.collateral.size(),
            used.certificates.size() + used.crls.size() + used.documents.size());
  const json::Value detail = json::Parse(record.detail).value();
  EXPECT_EQ(*detail.Find("jti")->AsString(), *claims.Find("jti")->AsString());
  EXPECT_EQ(*detail.Find("kid")->AsString(),
            KeyId(*with.service.PublishedSigners().front().certificate));
}

TEST_F(OnRecord, IsAwaitedByNoThread) {
  Service with("sgx", "", &ledger_.service());
  HttpRequest request;
  request.method = "POST";
  request.path = "/attest/SgxEnclave";
  request.query = kVersion;
  request.body = json::Write(json::Object{{"quote", Encoded(with.simulation.evidence)}});
  std::promise<void> disk;
  ledger_.HoldUp(disk.get_future().share());
  const HttpResponse begun = with.Begin(request);
  ASSERT_NE(begun.later, nullptr);
  EXPECT_EQ(begun.body, "");
  std::promise<void> durable;
  begun.later->then([&durable] { durable.set_value(); });
  auto told = durable.get_future();
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  disk.set_value();
  told.wait();
  const HttpResponse answer = begun.later->rest();
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_NE(TokenClaims(answer, with.service).Find("x-assay-ledger"), nullptr);
  EXPECT_FALSE(answer.headers.empty()) << "it is finished like any other";
  ledger_.Break();
  const HttpResponse lost = Completed(with.Begin(request));
  EXPECT_EQ(lost.status, 503U);
  EXPECT_EQ(lost.body.find("token"), std::string::npos);
}

// Whoever holds the token alone can ask for the receipt, and see that it is of this decision.
TEST_F(OnRecord, ATokenNamesTheLeafOfItsOwnDecision) {
  Service with("sgx", "", &ledger_.service());
  Attest(with);
  const json::Value claims = TokenClaims(Attest(with), with.service);
  const json::Value* const place = claims.Find("x-assay-ledger");
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(*place->Find("origin")->AsString(), "log.example/test");
  EXPECT_EQ(*place->Find("index")->AsInt(), 1);
  const HttpResponse receipt = with.Get("/ledger/receipts/1");
  ASSERT_EQ(receipt.status, 200U) << receipt.body;
  const auto verified = ledger_.Verify(receipt.body);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->inclusion.index, 1U);
  EXPECT_FALSE(verified->record) << "a receipt for everybody shows what the entry says";
  EXPECT_EQ(*place->Find("leaf")->AsString(), HashOf(ledger::ParseEntryProof(receipt.body)->leaf));
}

TEST_F(OnRecord, AReceiptComesWithTheTokenWhenAskedFor) {
  Service with("sgx", "", &ledger_.service());
  const HttpResponse response = Attest(with, std::string(kVersion) + "&ledger=receipt");
  const json::Value claims = TokenClaims(response, with.service);
  const json::Value body = json::Parse(response.body).value();
  ASSERT_NE(body.Find("ledger"), nullptr);
  const auto verified = ledger_.Verify(json::Write(*body.Find("ledger")));
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_TRUE(verified->record);
  EXPECT_EQ(*verified->record, ledger_.Last());
  EXPECT_EQ(json::Parse(Attest(with).body).value().Find("ledger"), nullptr);
}

TEST_F(OnRecord, IsADenialWithWhatFailed) {
  Service with("sgx", "tcb_info.dates", &ledger_.service());
  const HttpResponse response = Attest(with);
  EXPECT_EQ(response.status, 400U);
  const ledger::Record record = ledger_.Last();
  EXPECT_EQ(record.kind, RecordKind::kDenial);
  EXPECT_EQ(record.failed_checks, (std::vector<std::string>{"tcb_info.dates"}));
  EXPECT_EQ(record.evidence, Sha256(with.simulation.evidence));
  EXPECT_FALSE(record.policy) << "no policy was asked";
  const json::Value body = json::Parse(response.body).value();
  EXPECT_EQ(*body.Find("ledger")->Find("index")->AsInt(), 0);
}

TEST_F(OnRecord, IsADenialByPolicyWithItsHash) {
  Service with("sgx", "", &ledger_.service());
  const std::string text = "version=1.0; authorizationrules { => deny(); }; issuancerules {};";
  with.service.SetPolicies(PolicySet::Make({{policy::AttestationType::kSgxEnclave, text}}).value());
  EXPECT_EQ(ErrorCode(Attest(with)), "PolicyEvaluationError");
  const ledger::Record record = ledger_.Last();
  EXPECT_EQ(record.kind, RecordKind::kDenial);
  EXPECT_EQ(*json::Parse(record.detail)->Find("policy")->AsString(), PolicyHash(text));
}

TEST_F(OnRecord, OrNothingIsAnswered) {
  Service good("sgx", "", &ledger_.service());
  Service bad("sgx", "tcb_info.dates", &ledger_.service());
  ledger_.Break();
  for (Service* one : {&good, &bad}) {
    const HttpResponse response = Attest(*one);
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(ErrorCode(response), "DecisionNotRecorded");
    EXPECT_EQ(json::Parse(response.body)->Find("token"), nullptr);
    EXPECT_EQ(json::Parse(response.body)->Find("failedChecks"), nullptr);
  }
  ledger_.Mend();
  EXPECT_EQ(Attest(good).status, 200U);
  EXPECT_EQ(Attest(bad).status, 400U);
  EXPECT_EQ(ledger_.size(), 2U);
}

TEST_F(OnRecord, IsNoDraftAndNoFailureToJudge) {
  Service with("sgx", "", &ledger_.service());
  EXPECT_EQ(with.Post("/attest/SgxEnclave",
                      {{"quote", Encoded(with.simulation.evidence)},
                       {"draftPolicyForAttestation",
                        "version=1.0; authorizationrules { => permit(); }; issuancerules {};"}})
                .status,
            200U);
  EXPECT_EQ(with.Post("/attest/SgxEnclave", {{"quote", "AAAA"}}).status, 400U);
  EXPECT_EQ(ledger_.size(), 0U);
}

TEST_F(OnRecord, ShowsRecordsToReadersAlone) {
  Service with("sgx", "", &ledger_.service());
  Attest(with);
  for (const char* path : {"/ledger/entries", "/ledger/entries/0"}) {
    EXPECT_EQ(with.Get(path).status, 401U) << path;
  }
  for (const char* path : {"/ledger/key", "/ledger/signers", "/ledger/receipts/0"}) {
    EXPECT_EQ(with.Get(path).status, 200U) << path;
  }
  EXPECT_EQ(with.Get("/ledger/receipts/1").status, 404U);
  EXPECT_EQ(with.Get("/ledger/receipts/x").status, 400U);
  EXPECT_EQ(with.Get("/ledger/receipts/-1").status, 400U);
}

// That is for the ledger's own users.
TEST_F(OnRecord, ShowsReadersOfDecisionsNothingThatApplicationsWrote) {
  Service with("sgx", "", &ledger_.service());
  ledger::ApplicationEntry entry{FromUnixSeconds(kTokenTime), "alice", "a", {}, "a secret"};
  ASSERT_TRUE(ledger_.service().ledger().Append(entry));
  const Site site{with.service, nullptr, GateWithoutIdentities(true),
                  nullptr,      nullptr, &ledger_.service()};
  HttpRequest request;
  request.method = "GET";
  request.path = "/ledger/entries";
  const HttpResponse list = Route(site, request);
  const json::Value body = json::Parse(list.body).value();
  ASSERT_EQ(body.Find("entries")->AsArray()->size(), 1U);
  EXPECT_NE(body.Find("entries")->AsArray()->front().Find("application"), nullptr);
  request.path = "/ledger/entries/0";
  const HttpResponse proof = Route(site, request);
  ASSERT_EQ(proof.status, 200U);
  const auto verified = ledger_.Verify(proof.body);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_FALSE(verified->application);
}

TEST_F(OnRecord, IntroducesTheKeysOfTokensOnce) {
  Service with("sgx", "", &ledger_.service());
  const std::vector<TokenSigner> signers = with.service.PublishedSigners();
  ASSERT_TRUE(ledger_.service().Introduce("https://attest.example", signers));
  ASSERT_TRUE(ledger_.service().Introduce("https://attest.example", signers));
  EXPECT_EQ(ledger_.size(), 1U);
  ASSERT_TRUE(ledger_.service().Introduce("https://attest.example/providers/a", signers));
  EXPECT_EQ(ledger_.size(), 2U) << "a key of another issuer is another key";
  const json::Value body = json::Parse(with.Get("/ledger/signers").body).value();
  const json::Array& list = *body.Find("signers")->AsArray();
  ASSERT_EQ(list.size(), 2U);
  const auto verified = ledger_.Verify(json::Write(*list[0].Find("proof")));
  ASSERT_TRUE(verified) << verified.error().message;
  const json::Value detail = json::Parse(verified->record->detail).value();
  EXPECT_EQ(*detail.Find("jwk")->Find("kid")->AsString(), KeyId(*signers.front().certificate));
  ledger_.Break();
  EXPECT_FALSE(ledger_.service().Introduce("https://attest.example", {MakeSigner()}));
}

TEST_F(OnRecord, ShowsTheServicesOwnEvidenceToEverybody) {
  Service with("sgx", "", &ledger_.service());
  EXPECT_EQ(with.Get("/ledger/service").status, 404U) << "it runs in no confidential guest";
  ledger::Record record;
  record.kind = RecordKind::kAdministration;
  record.subject = kOwnEvidenceSubject;
  record.detail = std::string(10'000, 'e');
  ledger_.service().SetOwnEvidence(ledger_.service().decisions().WriteWhole(record)->index);
  const auto verified = ledger_.Verify(with.Get("/ledger/service").body);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->record->detail, record.detail) << "evidence is not cut";
}

TEST_F(OnRecord, KeepsTextsThatNoRecordCanHold) {
  ledger::Record record;
  record.kind = RecordKind::kAdministration;
  record.subject = "a\xffz";
  record.detail = std::string(10'000, 'x');
  ASSERT_TRUE(ledger_.service().decisions().Write(record));
  EXPECT_EQ(ledger_.Last().subject, "hex:61ff7a");
  EXPECT_LE(ledger_.Last().detail.size(), limits::kLedgerTextBytes);
  EXPECT_NE(ledger_.Last().detail.find(HexEncode(Sha256(AsBytes(record.detail)))),
            std::string::npos);
  record.collateral.clear();
  for (unsigned i = 0; i < 100; ++i) {
    record.collateral.push_back(Sha256Digest{static_cast<std::byte>(i)});
  }
  ASSERT_TRUE(ledger_.service().decisions().Write(record));
  EXPECT_EQ(ledger_.Last().collateral.size(), 1U) << "one digest of them all";
}

}  // namespace
}  // namespace assay
