#include "token/jws_verify.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "token/testing.h"

namespace assay {
namespace {

using token_testing::Jwk;
using token_testing::Signed;
using token_testing::Verifier;

const SigningKey& Key() {
  static const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  return key;
}

const SigningKey& OtherKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  return key;
}

const SigningKey& RsaKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  return key;
}

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"k"})";

// The whole way; the error's message, or "verified".
std::string Outcome(std::string_view text, const VerificationKey& key) {
  const auto jws = ParseJws(text);
  if (!jws) return jws.error().message;
  const auto verified = VerifyJws(*jws, key);
  return verified ? "verified" : verified.error().message;
}

std::string Outcome(std::string_view text) { return Outcome(text, Verifier(Key(), "k")); }

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(JwsVerify, GivesHeaderAndClaimsOfAValidToken) {
  const auto jws = ParseJws(Signed(Key(), kHeader, R"({"iss":"me","n":1})"));
  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->kid(), "k");
  EXPECT_EQ(jws->ClaimedIssuer(), "me");
  const auto verified = VerifyJws(*jws, Verifier(Key(), "k"));
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->algorithm(), JwsAlgorithm::kEs256);
  EXPECT_EQ(*verified->Claims()->Find("n")->AsInt(), 1);
}

TEST(JwsVerify, AcceptsRs256) {
  EXPECT_EQ(
      Outcome(Signed(RsaKey(), R"({"alg":"RS256","kid":"r"})", "{}"), Verifier(RsaKey(), "r")),
      "verified");
}

TEST(JwsVerify, RefusesASignatureOfAnotherKey) {
  EXPECT_TRUE(Has(Outcome(Signed(OtherKey(), kHeader, "{}")), "signature is not valid"));
}

TEST(JwsVerify, RefusesAPayloadThatWasExchanged) {
  const std::string good = Signed(Key(), kHeader, R"({"role":"reader"})");
  const std::string forged = good.substr(0, good.find('.') + 1) +
                             Base64UrlEncode(AsBytes(R"({"role":"admin"})")) +
                             good.substr(good.rfind('.'));
  EXPECT_TRUE(Has(Outcome(forged), "signature is not valid"));
}

TEST(JwsVerify, RefusesAlgNone) {
  const std::string text = Base64UrlEncode(AsBytes(R"({"alg":"none","kid":"k"})")) + "." +
                           Base64UrlEncode(AsBytes("{}")) + ".";
  EXPECT_TRUE(Has(Outcome(text), "\"none\" is not accepted"));
}

TEST(JwsVerify, RefusesAlgNoneInAnyCase) {
  EXPECT_TRUE(Has(Outcome(Signed(Key(), R"({"alg":"nOnE"})", "{}")), "is not accepted"));
}

TEST(JwsVerify, RefusesHs256WithThePublicKeyAsSecret) {
  const std::string secret = json::Write(Jwk(Key(), "k"));
  std::string text = Base64UrlEncode(AsBytes(R"({"alg":"HS256","kid":"k"})")) + "." +
                     Base64UrlEncode(AsBytes("{}"));
  ByteArray<EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  text += "." + Base64UrlEncode(View(mac).first(size));
  EXPECT_TRUE(Has(Outcome(text), "\"HS256\" is not accepted"));
}

TEST(JwsVerify, RefusesAnAlgorithmThatTheKeyIsNotFor) {
  VerificationKey key = Verifier(RsaKey(), "r");
  key.algorithms = {JwsAlgorithm::kPs256};
  EXPECT_TRUE(Has(Outcome(Signed(RsaKey(), R"({"alg":"RS256","kid":"r"})", "{}"), key),
                  "the algorithm is RS256, but its key is for PS256"));
}

TEST(JwsVerify, RefusesAHeaderWithoutAlgorithm) {
  EXPECT_TRUE(Has(Outcome(Signed(Key(), R"({"kid":"k"})", "{}")), "alg must be a string"));
}

TEST(JwsVerify, RefusesAnExtensionThatMustBeUnderstood) {
  EXPECT_TRUE(
      Has(Outcome(Signed(Key(), R"({"alg":"ES256","crit":["exp"],"exp":1})", "{}")), "\"crit\""));
}

TEST(JwsVerify, RefusesAnUnencodedPayload) {
  EXPECT_TRUE(Has(Outcome(Signed(Key(), R"({"alg":"ES256","b64":false})", "{}")), "\"b64\""));
}

TEST(JwsVerify, RefusesAnotherKid) {
  EXPECT_TRUE(Has(Outcome(Signed(Key(), R"({"alg":"ES256","kid":"z"})", "{}")), "another key"));
}

TEST(JwsVerify, NeverTakesAKeyOutOfTheHeader) {
  const std::string jwk = json::Write(Jwk(OtherKey(), "k"));
  EXPECT_TRUE(
      Has(Outcome(Signed(OtherKey(), R"({"alg":"ES256","kid":"k","jwk":)" + jwk + "}", "{}")),
          "signature is not valid"));
  EXPECT_TRUE(Has(Outcome(Signed(OtherKey(),
                                 R"({"alg":"ES256","kid":"k","jku":"https://evil.example",)"
                                 R"("x5u":"https://evil.example"})",
                                 "{}")),
                  "signature is not valid"));
}

TEST(JwsVerify, RefusesAMemberThatStandsTwiceInTheHeader) {
  EXPECT_TRUE(
      Has(Outcome(Signed(Key(), R"({"alg":"ES256","alg":"ES256"})", "{}")), "stands twice"));
}

TEST(JwsVerify, RefusesAMemberThatStandsTwiceInTheClaims) {
  const auto jws = ParseJws(Signed(Key(), kHeader, R"({"sub":"a","sub":"b"})"));
  const auto verified = VerifyJws(jws.value(), Verifier(Key(), "k"));
  ASSERT_TRUE(verified);
  EXPECT_TRUE(Has(verified->Claims().error().message, "stands twice"));
}

TEST(JwsVerify, RefusesClaimsThatAreNoObject) {
  const auto jws = ParseJws(Signed(Key(), kHeader, "[1]"));
  EXPECT_FALSE(VerifyJws(jws.value(), Verifier(Key(), "k"))->Claims());
}

TEST(JwsVerify, RefusesAHeaderThatIsNoObject) {
  EXPECT_TRUE(Has(Outcome(Signed(Key(), R"(["ES256"])", "{}")), "JSON object as header"));
}

TEST(JwsVerify, RefusesOtherThanThreeParts) {
  const std::string good = Signed(Key(), kHeader, "{}");
  EXPECT_TRUE(Has(Outcome(good.substr(0, good.rfind('.'))), "three parts"));
  EXPECT_TRUE(Has(Outcome(good + "."), "three parts"));
  EXPECT_TRUE(Has(Outcome(""), "three parts"));
}

TEST(JwsVerify, RefusesPaddingAndStrayCharacters) {
  const std::string good = Signed(Key(), kHeader, R"({"a":1})");
  EXPECT_TRUE(Has(Outcome(good + "=="), "padding"));
  EXPECT_TRUE(Has(Outcome(good + "\n"), "no base64url"));
  EXPECT_TRUE(Has(Outcome(" " + good), "no base64url"));
  std::string plus = good;
  plus.back() = '+';
  EXPECT_TRUE(Has(Outcome(plus), "no base64url"));
}

TEST(JwsVerify, RefusesWhatIsTooLarge) {
  EXPECT_TRUE(Has(Outcome(std::string(limits::kJwsBytes + 1, 'A')), "at most"));
  EXPECT_TRUE(Has(Outcome(std::string(limits::kJwsHeaderBytes + 1, 'A') + ".e30.AA"),
                  "expected a header of at most"));
}

TEST(Jwk, RefusesAWeakRsaKey) {
  EVP_PKEY* weak = EVP_RSA_gen(1024);
  const PublicKey key = PublicKey::Adopt(weak);
  EXPECT_TRUE(Has(CheckJoseKey(key).error().message, "found 1024"));
  EXPECT_TRUE(AlgorithmsOf(key).empty());
  json::Object jwk = Jwk(RsaKey(), "r");
  for (auto& [name, value] : jwk) {
    if (name == "n") value = Base64UrlEncode(Bytes(128, std::byte{0xFF}));
  }
  EXPECT_TRUE(Has(ParseJwk(jwk).error().message, "found 1024"));
}

// The key's JWK with one member replaced.
Result<VerificationKey> With(const SigningKey& key, std::string_view member, json::Value value) {
  json::Object jwk = Jwk(key, "k");
  for (auto& [name, old] : jwk) {
    if (name == member) old = std::move(value);
  }
  return ParseJwk(jwk);
}

TEST(Jwk, RefusesWhatIsNoSignatureKey) {
  EXPECT_TRUE(Has(With(Key(), "use", "enc").error().message, "use"));
  EXPECT_TRUE(Has(With(Key(), "kty", "oct").error().message, "kty"));
  EXPECT_TRUE(Has(With(Key(), "alg", "HS256").error().message, "alg"));
  EXPECT_TRUE(Has(With(Key(), "alg", "RS256").error().message, "alg"));
  EXPECT_TRUE(Has(With(Key(), "crv", "P-384").error().message, "48 bytes"));
  EXPECT_TRUE(Has(With(Key(), "x", "AQ").error().message, "32 bytes"));
  EXPECT_TRUE(Has(With(Key(), "y", Base64UrlEncode(Bytes(32))).error().message, "curve"));
  EXPECT_TRUE(Has(With(RsaKey(), "e", "AQ").error().message, "exponent"));
}

TEST(Jwk, IsForRs256WhenAnRsaKeyNamesNoAlgorithm) {
  json::Object jwk = Jwk(RsaKey(), "k");
  std::erase_if(jwk, [](const json::Member& member) { return member.first == "alg"; });
  EXPECT_EQ(ParseJwk(jwk)->algorithms, std::vector<JwsAlgorithm>{JwsAlgorithm::kRs256});
}

std::string SetOf(json::Array keys) { return json::Write(json::Object{{"keys", std::move(keys)}}); }

TEST(Jwks, LeavesOutKeysOfOtherKinds) {
  const json::Object secret{{"kty", "oct"}, {"k", "AAAA"}, {"kid", "s"}};
  const auto keys = ParseJwks(SetOf({secret, Jwk(Key(), "k")}));
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().kid, "k");
}

TEST(Jwks, RefusesTwoKeysOfOneKid) {
  EXPECT_TRUE(
      Has(ParseJwks(SetOf({Jwk(Key(), "k"), Jwk(OtherKey(), "k")})).error().message, "two keys"));
}

TEST(Jwks, RefusesASetWithoutAUsableKeyOrWithTooMany) {
  EXPECT_FALSE(ParseJwks(SetOf({})));
  EXPECT_FALSE(ParseJwks(SetOf(json::Array(limits::kJwksKeys + 1, Jwk(Key(), "k")))));
}

struct Signer {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate;

  Signer() {
    CertificateRequest request;
    request.common_name = "signer";
    request.not_before = FromUnixSeconds(1'700'000'000);
    request.days = 10;
    certificate = IssueCertificate(key, request, key, nullptr).value();
  }

  std::string Header() const {
    return json::Write(
        json::Object{{"alg", "ES256"}, {"x5c", json::Array{Base64Encode(certificate->der())}}});
  }
};

const Time kDuring = FromUnixSeconds(1'700'000'100);

std::string OutcomeByCertificate(std::string_view text, const std::vector<CertificatePtr>& trusted,
                                 Time now) {
  const auto verified = VerifyJwsByCertificate(ParseJws(text).value(), trusted, now);
  return verified ? "verified" : verified.error().message;
}

TEST(JwsByCertificate, TellsWhoSigned) {
  const Signer a;
  const Signer b;
  const std::vector<CertificatePtr> trusted = {b.certificate, a.certificate};
  const auto verified =
      VerifyJwsByCertificate(ParseJws(Signed(a.key, a.Header(), "{}")).value(), trusted, kDuring);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->signer(), a.certificate);
}

TEST(JwsByCertificate, RefusesACertificateThatIsNotOnTheList) {
  const Signer a;
  const Signer b;
  const std::string text = Signed(a.key, a.Header(), "{}");
  EXPECT_TRUE(Has(OutcomeByCertificate(text, {b.certificate}, kDuring), "none of the 1"));
  EXPECT_TRUE(Has(OutcomeByCertificate(text, {}, kDuring), "none of the 0"));
}

TEST(JwsByCertificate, RefusesAListedCertificateThatAnotherKeyUses) {
  const Signer a;
  EXPECT_TRUE(
      Has(OutcomeByCertificate(Signed(OtherKey(), a.Header(), "{}"), {a.certificate}, kDuring),
          "signature is not valid"));
}

TEST(JwsByCertificate, RefusesAHeaderWithoutCertificate) {
  const Signer a;
  EXPECT_TRUE(
      Has(OutcomeByCertificate(Signed(a.key, kHeader, "{}"), {a.certificate}, kDuring), "x5c"));
}

TEST(JwsByCertificate, RefusesACertificateOutsideItsValidity) {
  const Signer a;
  const std::string text = Signed(a.key, a.Header(), "{}");
  EXPECT_TRUE(
      Has(OutcomeByCertificate(text, {a.certificate}, FromUnixSeconds(1'699'999'999)), "is valid"));
  EXPECT_TRUE(
      Has(OutcomeByCertificate(text, {a.certificate}, FromUnixSeconds(1'800'000'000)), "is valid"));
}

}  // namespace
}  // namespace assay
