// Providers in a store, and the tokens that change them.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "provider/management_token.h"
#include "provider/provider_book.h"
#include "store/memory_store.h"
#include "token/testing.h"

namespace assay {
namespace {

using policy::AttestationType;

const Time kCreated = FromUnixSeconds(1'800'000'000);
constexpr AttestationType kEnclave = AttestationType::kSgxEnclave;

struct Signer {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate = Issue();

  CertificatePtr Issue() const {
    CertificateRequest request;
    request.common_name = "manager";
    request.not_before = kCreated - std::chrono::hours(1);
    return IssueCertificate(key, request, key, nullptr).value();
  }
  std::string Token(std::string_view payload) const {
    const json::Object header{{"alg", "ES256"},
                              {"x5c", json::Array{Base64Encode(certificate->der())}}};
    return token_testing::Signed(key, json::Write(header), payload);
  }
};

std::string Payload(std::string_view policy) {
  return json::Write(json::Object{{"AttestationPolicy", Base64UrlEncode(AsBytes(policy))}});
}

Result<ManagementToken> Read(std::string_view text, TrustModel model,
                             std::vector<CertificatePtr> certificates = {}) {
  return ReadManagementToken(text, model, certificates, kCreated);
}

std::string Raw(std::string_view header, std::string_view payload, std::string_view signature) {
  return Base64UrlEncode(AsBytes(header)) + "." + Base64UrlEncode(AsBytes(payload)) + "." +
         std::string(signature);
}

TEST(ProviderName, IsALabelAndNothingElse) {
  for (const char* good : {"abc", "team-a", "x09"}) EXPECT_TRUE(IsProviderName(good)) << good;
  for (const std::string bad : {"", "ab", "..", "a/b", "a.b", "A-b", "-ab", "ab-", "1ab", "a%2e",
                                "shared", "a b", "caf\xC3\xA9"}) {
    EXPECT_FALSE(IsProviderName(bad)) << bad;
  }
  EXPECT_FALSE(IsProviderName(std::string(64, 'a')));
  EXPECT_FALSE(IsProviderName(std::string_view("ab\0c", 4)));
}

TEST(ManagementToken, UnsecuredIsForAadAlone) {
  const std::string text = UnsecuredPolicyToken("version=1.0;");
  const auto token = Read(text, TrustModel::kAad);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->signer, nullptr);
  EXPECT_EQ(PolicyOf(*token).value(), "version=1.0;");
  EXPECT_FALSE(Read(text, TrustModel::kIsolated, {Signer().certificate}));
  EXPECT_FALSE(Read(text, TrustModel::kShared));
}

TEST(ManagementToken, SignedIsTakenOfAnySignerByAad) {
  const Signer signer;
  const auto token = Read(signer.Token(Payload("p")), TrustModel::kAad);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->signer->digest(), signer.certificate->digest());
}

TEST(ManagementToken, IsolatedTakesOnlyItsOwnSigners) {
  const Signer own;
  const Signer other;
  EXPECT_TRUE(Read(own.Token(Payload("p")), TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(other.Token(Payload("p")), TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(own.Token(Payload("p")), TrustModel::kIsolated, {}));
}

TEST(ManagementToken, IsolatedIsNotFooledByACertificateWithoutItsKey) {
  const Signer own;
  Signer thief;
  thief.certificate = own.certificate;
  EXPECT_FALSE(Read(thief.Token(Payload("p")), TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(thief.Token(Payload("p")), TrustModel::kAad));
}

TEST(ManagementToken, ASignatureIsNotTakenAway) {
  const Signer own;
  const std::string token = own.Token(Payload("p"));
  const std::string stripped = token.substr(0, token.rfind('.') + 1);
  EXPECT_FALSE(Read(stripped, TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(stripped, TrustModel::kAad));
  const std::string payload = Payload("p");
  EXPECT_FALSE(Read(Raw(R"({"alg":"none"})", payload, "AAAA"), TrustModel::kAad));
  for (const char* alg : {"None", "NONE", "nonE", "", "HS256"}) {
    const std::string header = json::Write(json::Object{{"alg", alg}});
    EXPECT_FALSE(Read(Raw(header, payload, ""), TrustModel::kAad)) << alg;
    EXPECT_FALSE(Read(Raw(header, payload, ""), TrustModel::kIsolated, {own.certificate})) << alg;
  }
}

TEST(ManagementToken, UnsecuredHasNoExtensionsNoPaddingAndThreeParts) {
  const std::string payload = Payload("p");
  EXPECT_TRUE(Read(Raw(R"({"alg":"none"})", payload, ""), TrustModel::kAad));
  EXPECT_FALSE(Read(Raw(R"({"alg":"none","crit":["x"]})", payload, ""), TrustModel::kAad));
  EXPECT_FALSE(Read(Raw(R"({"alg":"none","b64":false})", payload, ""), TrustModel::kAad));
  EXPECT_FALSE(Read(Raw(R"({"alg":"none","alg":"RS256"})", payload, ""), TrustModel::kAad));
  EXPECT_FALSE(Read(Raw(R"(["none"])", payload, ""), TrustModel::kAad));
  for (const char* text :
       {"", ".", "..", "a.b", "a.b.c.d", "version=1.0;", "e30=.e30.", "e30..=="}) {
    EXPECT_FALSE(Read(text, TrustModel::kAad)) << text;
  }
}

TEST(ManagementToken, ExpiresWhereItSaysSo) {
  const Signer own;
  const auto until = [&own](std::int64_t exp) {
    json::Object payload{{"AttestationPolicy", "cA"}, {"exp", exp}};
    return own.Token(json::Write(payload));
  };
  EXPECT_TRUE(Read(until(UnixSeconds(kCreated) + 1), TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(until(UnixSeconds(kCreated)), TrustModel::kIsolated, {own.certificate}));
  EXPECT_FALSE(Read(own.Token(R"({"exp":"never"})"), TrustModel::kIsolated, {own.certificate}));
}

TEST(ManagementToken, AnExpiredCertificateManagesNothing) {
  const Signer own;
  const std::string token = own.Token(Payload("p"));
  const std::vector<CertificatePtr> list = {own.certificate};
  EXPECT_FALSE(ReadManagementToken(token, TrustModel::kIsolated, list,
                                   kCreated + std::chrono::hours(24 * 400)));
}

TEST(ManagementToken, WhatWasMadeForOneThingDoesNoOther) {
  const Signer own;
  const std::string certificate = json::Write(json::Object{
      {"policyCertificate",
       json::Object{{"kty", "EC"}, {"x5c", json::Array{Base64Encode(own.certificate->der())}}}}});
  const auto read = [&own](std::string_view payload) {
    return Read(own.Token(payload), TrustModel::kIsolated, {own.certificate}).value();
  };
  EXPECT_TRUE(CheckReset(read("")));
  EXPECT_TRUE(CheckReset(read("{}")));
  EXPECT_FALSE(CheckReset(read(Payload("p"))));
  EXPECT_FALSE(CheckReset(read(certificate)));
  EXPECT_FALSE(PolicyOf(read("")));
  EXPECT_FALSE(PolicyOf(read(certificate)));
  EXPECT_FALSE(CertificateOf(read(Payload("p"))));
  EXPECT_EQ(CertificateOf(read(certificate)).value()->der(), own.certificate->der());
}

TEST(ManagementToken, OfADefaultIsAsRecordedFromAzure) {
  EXPECT_EQ(UnsecuredPolicyToken(""), "eyJhbGciOiJub25lIn0..");
  EXPECT_EQ(StoredPolicyText(UnsecuredPolicyToken("p")).value(), "p");
}

struct Book {
  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  ProviderBook book{*store};
  Signer signer;

  ProviderState Make(const std::string& name, TrustModel model) {
    std::vector<CertificatePtr> certificates;
    if (model == TrustModel::kIsolated) certificates.push_back(signer.certificate);
    EXPECT_TRUE(book.Create({name, "01", model, kCreated, 0}, certificates));
    return book.Find(name).value().value();
  }
};

TEST(ProviderBook, KeepsThePredecessorOfEveryChange) {
  Book with;
  with.Make("team-a", TrustModel::kAad);
  for (const char* token : {"one", "two", "", "four"}) {
    const auto state = with.book.Find("team-a").value().value();
    const auto before = with.book.Policy("team-a", kEnclave).value();
    ASSERT_TRUE(with.book.SetPolicy(state, kEnclave, before, token, kCreated));
  }
  const auto history = with.book.History("team-a", kEnclave).value();
  ASSERT_EQ(history.size(), 4U);
  EXPECT_EQ(history[0].token, "four");
  EXPECT_EQ(history[0].number, 4U);
  EXPECT_EQ(history[1].token, "");
  EXPECT_EQ(history[3].token, "one");
  EXPECT_FALSE(with.book.Policy("team-a", AttestationType::kTdxVm).value());
}

TEST(ProviderBook, RefusesAChangeDecidedOnWhatIsNoLongerSo) {
  Book with;
  const ProviderState state = with.Make("team-a", TrustModel::kIsolated);
  ASSERT_TRUE(with.book.SetPolicy(state, kEnclave, std::nullopt, "one", kCreated));
  const auto stale = with.book.SetPolicy(state, kEnclave, std::nullopt, "two", kCreated);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
}

TEST(ProviderBook, ARemovedCertificateCannotFinishItsChange) {
  Book with;
  const Signer second;
  ASSERT_TRUE(
      with.book.AddCertificate(with.Make("team-a", TrustModel::kIsolated), second.certificate));
  const ProviderState read = with.book.Find("team-a").value().value();
  ASSERT_TRUE(with.book.RemoveCertificate(read, second.certificate));
  EXPECT_FALSE(with.book.SetPolicy(read, kEnclave, std::nullopt, "by the second", kCreated));
}

TEST(ProviderBook, DeletesAllOfOneAndNothingOfAnother) {
  Book with;
  const ProviderState a = with.Make("team-a", TrustModel::kAad);
  const ProviderState longer = with.Make("team-ab", TrustModel::kAad);
  ASSERT_TRUE(with.book.SetPolicy(a, kEnclave, std::nullopt, "a", kCreated));
  ASSERT_TRUE(with.book.SetPolicy(longer, kEnclave, std::nullopt, "ab", kCreated));
  ASSERT_TRUE(with.book.Delete("team-a"));
  EXPECT_FALSE(with.book.Find("team-a").value());
  EXPECT_EQ(with.book.Policy("team-ab", kEnclave).value()->token, "ab");
  with.Make("team-a", TrustModel::kAad);
  EXPECT_TRUE(with.book.History("team-a", kEnclave).value().empty()) << "a new one begins anew";
  const auto late = with.book.SetPolicy(a, kEnclave, std::nullopt, "of the old one", kCreated);
  EXPECT_FALSE(late);
}

TEST(ProviderBook, KeepsTheLastCertificate) {
  Book with;
  const Signer second;
  const ProviderState state = with.Make("team-a", TrustModel::kIsolated);
  EXPECT_FALSE(with.book.RemoveCertificate(state, with.signer.certificate));
  EXPECT_TRUE(with.book.RemoveCertificate(state, second.certificate)) << "it was not there";
  EXPECT_TRUE(with.book.AddCertificate(state, with.signer.certificate)) << "it was there";
  EXPECT_EQ(with.book.Find("team-a").value()->certificates.size(), 1U);
}

TEST(ProviderBook, RefusesWhatMakesNoSense) {
  Book with;
  const Signer signer;
  with.Make("team-a", TrustModel::kAad);
  EXPECT_FALSE(with.book.Create({"team-a", "01", TrustModel::kAad, kCreated, 0}, {}));
  EXPECT_FALSE(with.book.Create({"Team", "01", TrustModel::kAad, kCreated, 0}, {}));
  EXPECT_FALSE(with.book.Create({"team-b", "01", TrustModel::kIsolated, kCreated, 0}, {}));
  EXPECT_FALSE(
      with.book.Create({"team-b", "01", TrustModel::kAad, kCreated, 0}, {signer.certificate}));
  EXPECT_FALSE(with.book.Delete("team-b"));
  const ProviderState aad = with.book.Find("team-a").value().value();
  EXPECT_FALSE(with.book.AddCertificate(aad, signer.certificate));
}

}  // namespace
}  // namespace assay
