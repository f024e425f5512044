#include "release/token_check.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <limits>

#include "release/authority_testing.h"

namespace assay::release {
namespace {

using namespace testing;

class TokenCheck : public ::testing::Test {
 protected:
  TokenCheck() {
    keys_.Add(AuthorityA());
    keys_.Add(AuthorityB());
  }

  // "accepted", the name of the reason, or the message of the error.
  std::string Verdict(const std::string& token) {
    const auto checked = CheckToken(token, policy_, keys_, rules_, now_);
    if (checked) return "accepted";
    const Denial* denial = std::get_if<Denial>(&checked.error().why);
    if (denial == nullptr) return "error: " + std::get<Error>(checked.error().why).message;
    return std::string(Name(denial->reason));
  }
  std::string WithHeader(std::string_view name, json::Value value) {
    return Verdict(TokenOf(AuthorityA(), With(TokenHeader(AuthorityA()), name, std::move(value)),
                           TokenClaims(AuthorityA())));
  }
  std::string WithClaim(std::string_view name, json::Value value) {
    return Verdict(TokenOf(AuthorityA(), With(TokenClaims(AuthorityA()), name, std::move(value))));
  }

  ReleasePolicy policy_ =
      Policy(PolicyText(BranchOf(kIssuerA, R"({"claim":"tee","equals":"snp"})")));
  TestKeys keys_;
  TokenRules rules_;
  Time now_ = kNow;
};

TEST_F(TokenCheck, AcceptsATokenOfTheAuthority) {
  const auto checked = CheckToken(TokenOf(AuthorityA()), policy_, keys_, rules_, now_);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->issuer, kIssuerA);
  EXPECT_EQ(*checked->claims.Find("tee")->AsString(), "snp");
  EXPECT_EQ(checked->signer, token_testing::Verifier(AuthorityA().key, "ka").key.SpkiDigest());
}

TEST_F(TokenCheck, TakesOneSlashAtTheEndOfAnIssuerForNone) {
  EXPECT_EQ(WithClaim("iss", kIssuerA + "/"), "accepted");
  EXPECT_EQ(WithClaim("iss", kIssuerA + "//"), "OtherAuthority");
}

TEST_F(TokenCheck, ComparesIssuersByteByByte) {
  for (const char* other : {"https://A.example", "http://a.example", "https://a.example.evil",
                            "https://a.example/x", "a.example", "https://a.example:443"}) {
    EXPECT_EQ(WithClaim("iss", other), "OtherAuthority") << other;
  }
}

TEST_F(TokenCheck, RefusesATokenOfAProviderThatThePolicyDoesNotName) {
  EXPECT_EQ(Verdict(TokenOf(AuthorityB())), "OtherProvider");
}

TEST_F(TokenCheck, RefusesAnIssuerThatSignedWithTheKeyOfAnother) {
  // B says that it is A, under its own kid and under A's.
  const json::Object claims = TokenClaims(AuthorityA());
  EXPECT_EQ(Verdict(TokenOf(AuthorityB(), claims)), "UnknownKid");
  EXPECT_EQ(Verdict(TokenOf(AuthorityB(), TokenHeader(AuthorityA()), claims)), "BadSignature");
}

TEST_F(TokenCheck, RefusesAnAuthorityOfThePolicyThatTheServiceDoesNotTrust) {
  policy_ = Policy(PolicyText(BranchOf("https://c.example", R"({"claim":"tee","equals":"snp"})")));
  EXPECT_EQ(WithClaim("iss", "https://c.example"), "UntrustedAuthority");
}

TEST_F(TokenCheck, RefusesATokenWithoutIssuer) {
  EXPECT_EQ(WithClaim("iss", nullptr), "NoIssuer");
  EXPECT_EQ(WithClaim("iss", 7), "NoIssuer");
  EXPECT_EQ(WithClaim("iss", "/"), "NoIssuer");
}

TEST_F(TokenCheck, RefusesAlgNone) {
  const json::Object header = With(TokenHeader(AuthorityA()), "alg", "none");
  const std::string part = Base64UrlEncode(AsBytes(json::Write(header))) + "." +
                           Base64UrlEncode(AsBytes(json::Write(TokenClaims(AuthorityA()))));
  EXPECT_EQ(Verdict(part + "."), "AlgorithmNone");
  EXPECT_EQ(WithHeader("alg", "NoNe"), "AlgorithmNone");
}

TEST_F(TokenCheck, RefusesHs256WithThePublicKeyAsSecret) {
  const json::Object header = With(TokenHeader(AuthorityA()), "alg", "HS256");
  const std::string secret = json::Write(token_testing::Jwk(AuthorityA().key, "ka"));
  const std::string part = Base64UrlEncode(AsBytes(json::Write(header))) + "." +
                           Base64UrlEncode(AsBytes(json::Write(TokenClaims(AuthorityA()))));
  ByteArray<32> mac{};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(part.data()), part.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  EXPECT_EQ(Verdict(part + "." + Base64UrlEncode(mac)), "AlgorithmSymmetric");
}

TEST_F(TokenCheck, RefusesAlgorithmsThatItDoesNotKnow) {
  EXPECT_EQ(WithHeader("alg", "ES512"), "AlgorithmUnknown");
  EXPECT_EQ(WithHeader("alg", "RSA-OAEP"), "AlgorithmUnknown");
  EXPECT_EQ(WithHeader("alg", nullptr), "TokenMalformed");
}

TEST_F(TokenCheck, RefusesAnAlgorithmThatTheKeyIsNotFor) {
  EXPECT_EQ(WithHeader("alg", "RS256"), "AlgorithmOfAnotherKey");
  EXPECT_EQ(WithHeader("alg", "ES384"), "AlgorithmOfAnotherKey");
}

TEST_F(TokenCheck, RefusesAnEmbeddedKey) {
  EXPECT_EQ(WithHeader("jwk", token_testing::Jwk(AuthorityA().key, "ka")), "EmbeddedKey");
  EXPECT_EQ(WithHeader("x5u", "https://a.example/chain.pem"), "EmbeddedKey");
}

TEST_F(TokenCheck, TakesAKeySetBelowTheIssuerForANote) {
  EXPECT_EQ(WithHeader("jku", "https://a.example/certs"), "accepted");
  EXPECT_EQ(WithHeader("jku", "https://evil.example/certs"), "ForeignKeySet");
  EXPECT_EQ(WithHeader("jku", "https://a.example.evil/certs"), "ForeignKeySet");
  EXPECT_EQ(WithHeader("jku", 7), "ForeignKeySet");
}

TEST_F(TokenCheck, RefusesCriticalExtensions) {
  EXPECT_EQ(WithHeader("crit", json::Array{"exp"}), "CriticalExtension");
  EXPECT_EQ(WithHeader("b64", false), "CriticalExtension");
}

TEST_F(TokenCheck, RefusesOtherKindsOfSignedThings) {
  EXPECT_EQ(WithHeader("typ", "jwt"), "accepted");
  EXPECT_EQ(WithHeader("typ", nullptr), "accepted");
  EXPECT_EQ(WithHeader("typ", "statuslist+jwt"), "TokenType");
  EXPECT_EQ(WithHeader("typ", 1), "TokenType");
}

TEST_F(TokenCheck, RefusesUnknownAndMissingKids) {
  EXPECT_EQ(WithHeader("kid", "kz"), "UnknownKid");
  EXPECT_EQ(WithHeader("kid", "kb"), "UnknownKid");
  EXPECT_EQ(WithHeader("kid", nullptr), "NoKid");
}

TEST_F(TokenCheck, RefusesEveryByteThatIsChanged) {
  const std::string good = TokenOf(AuthorityA());
  ASSERT_EQ(Verdict(good), "accepted");
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Verdict(changed), "accepted") << i;
  }
  for (std::size_t size = 0; size < good.size(); size += 13) {
    EXPECT_NE(Verdict(good.substr(0, size)), "accepted") << size;
  }
}

TEST_F(TokenCheck, RefusesAForgedPayload) {
  const std::string good = TokenOf(AuthorityA());
  const json::Object claims = TokenClaims(AuthorityA(), R"({"tee":"snp","more":1})");
  const std::string forged = good.substr(0, good.find('.') + 1) +
                             Base64UrlEncode(AsBytes(json::Write(claims))) +
                             good.substr(good.rfind('.'));
  EXPECT_EQ(Verdict(forged), "BadSignature");
}

TEST_F(TokenCheck, RefusesWhatIsNoToken) {
  for (const char* text : {"", ".", "..", "a.b", "a.b.c", "e30.e30.AA"}) {
    EXPECT_EQ(Verdict(text), "TokenMalformed") << text;
  }
}

TEST_F(TokenCheck, AllowsForClockSkewAndNoMore) {
  now_ = kNow + std::chrono::seconds{3600 + 60};
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "accepted");
  now_ += std::chrono::seconds{1};
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "TokenExpired");
  rules_.clock_skew = std::chrono::seconds{61};
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "accepted");
  rules_.clock_skew = std::chrono::seconds{0};
  now_ = kNow - std::chrono::seconds{10};
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "accepted");
  now_ -= std::chrono::seconds{1};
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "TokenNotYetValid");
}

TEST_F(TokenCheck, RefusesToJudgeWithAnUnboundedClockSkew) {
  rules_.clock_skew = limits::kReleaseLongestSkew + std::chrono::seconds{1};
  EXPECT_NE(Verdict(TokenOf(AuthorityA())).find("error: key release: expected a clock skew"),
            std::string::npos);
  rules_.clock_skew = std::chrono::seconds{-1};
  EXPECT_NE(Verdict(TokenOf(AuthorityA())).find("error: "), std::string::npos);
}

TEST_F(TokenCheck, RefusesTimesThatAreNone) {
  EXPECT_EQ(WithClaim("exp", nullptr), "NoExpiry");
  EXPECT_EQ(WithClaim("exp", "9999999999"), "NoExpiry");
  EXPECT_EQ(WithClaim("exp", 1e30), "NoExpiry");
  EXPECT_EQ(WithClaim("exp", std::numeric_limits<std::int64_t>::min()), "TokenExpired");
  EXPECT_EQ(WithClaim("exp", std::numeric_limits<std::int64_t>::max()), "accepted");
  EXPECT_EQ(WithClaim("nbf", nullptr), "accepted");
  EXPECT_EQ(WithClaim("nbf", "0"), "TokenMalformed");
  EXPECT_EQ(WithClaim("nbf", std::numeric_limits<std::int64_t>::max()), "TokenNotYetValid");
}

TEST_F(TokenCheck, AsksForAnAudienceWhenItIsToldTo) {
  EXPECT_EQ(WithClaim("aud", "someone"), "accepted");
  rules_.audiences = {"https://keys.example", "keys"};
  EXPECT_EQ(WithClaim("aud", "keys"), "accepted");
  EXPECT_EQ(WithClaim("aud", json::Array{"x", "https://keys.example"}), "accepted");
  EXPECT_EQ(WithClaim("aud", "someone"), "OtherAudience");
  EXPECT_EQ(WithClaim("aud", json::Array{}), "OtherAudience");
  EXPECT_EQ(WithClaim("aud", nullptr), "OtherAudience");
}

TEST_F(TokenCheck, RefusesClaimsThatStandTwice) {
  const std::string payload = R"({"iss":"https://a.example","exp":9999999999,"tee":"a","tee":"b"})";
  const std::string header = json::Write(TokenHeader(AuthorityA()));
  EXPECT_EQ(Verdict(token_testing::Signed(AuthorityA().key, header, payload)), "NoIssuer");
}

TEST_F(TokenCheck, IsAnErrorWhenTheAuthorityCannotBeAsked) {
  keys_.GoAway();
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "error: the authority does not answer");
}

}  // namespace
}  // namespace assay::release
