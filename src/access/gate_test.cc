#include "access/gate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "access/testing.h"
#include "base/limits.h"

namespace assay::access {
namespace {

using access_testing::Has;
using access_testing::IssuerKey;
using access_testing::kNow;
using access_testing::StrangersKey;
using access_testing::Token;
using access_testing::With;

Gate MakeGate(bool open_management = false) {
  AccessFile file = ParseAccessFile(access_testing::kFile, "").value();
  std::vector<TrustedIssuer> issuers = access_testing::Issuers(file);
  return {std::move(file), std::move(issuers), {open_management, [] { return kNow; }}};
}

// "status message", or "allowed".
std::string Outcome(const HttpRequest& request, std::string_view provider = "default",
                    Action action = Action::kRead) {
  const auto allowed = MakeGate().Check(provider, action, request);
  if (allowed) return "allowed";
  return std::to_string(allowed.error().status) + " " + allowed.error().message;
}

std::string Outcome(const Token& token) { return Outcome(With(token.Text())); }

TEST(Gate, LetsAReaderReadAndSaysWhoItIs) {
  const auto allowed = MakeGate().Check("default", Action::kRead, With(Token().Text()));
  ASSERT_TRUE(allowed) << allowed.error().message;
  EXPECT_EQ(allowed->subject, "alice");
  EXPECT_EQ(allowed->issuer, access_testing::kIssuer);
  EXPECT_EQ(allowed->role, Role::kReader);
}

// What a token may do whose only role is this one.
std::string MayDo(std::string_view role) {
  std::string file = R"({"issuers": [{"issuer": "https://issuer.example",
    "audiences": ["https://attest.example"], "jwks": "keys.json"}],
    "providers": {"default": {"grants": [{"role": "ROLE", "issuer": "https://issuer.example",
    "claim": "sub", "value": "alice"}]}}})";
  file.replace(file.find("ROLE"), 4, role);
  AccessFile parsed = ParseAccessFile(file, "").value();
  std::vector<TrustedIssuer> issuers = access_testing::Issuers(parsed);
  const Gate gate{std::move(parsed), std::move(issuers), {false, [] { return kNow; }}};
  std::string out;
  for (const Action action : {Action::kRead, Action::kWritePolicy, Action::kManageCertificates,
                              Action::kManageMachines, Action::kManageProvider, Action::kReadKeys,
                              Action::kUseKeys, Action::kManageKeys, Action::kReleaseKeys}) {
    if (gate.Check("default", action, With(Token().Text()))) out += std::string(Name(action)) + " ";
  }
  return out;
}

TEST(Gate, RolesOfKeysHaveNoPartInAttestationAndTheOtherWayRound) {
  EXPECT_EQ(MayDo("reader"), "read ");
  EXPECT_EQ(MayDo("contributor"), "read write_policy manage_certificates manage_machines ");
  EXPECT_EQ(MayDo("admin"),
            "read write_policy manage_certificates manage_machines manage_provider ");
  EXPECT_EQ(MayDo("key-reader"), "read_keys ");
  EXPECT_EQ(MayDo("crypto-user"), "read_keys use_keys ");
  EXPECT_EQ(MayDo("crypto-officer"), "read_keys use_keys manage_keys release_keys ");
  EXPECT_EQ(MayDo("crypto-release-user"), "release_keys ");
}

TEST(Gate, OpensReleasesAndNothingElseWhereTheFileSaysSo) {
  AccessFile file;
  file.key_release.open_to_callers = true;
  const Gate gate(file, {}, {false, [] { return Time{}; }});
  EXPECT_TRUE(gate.Check("shared", Action::kReleaseKeys, HttpRequest()));
  for (const Action other : {Action::kReadKeys, Action::kUseKeys, Action::kManageKeys,
                             Action::kAttest, Action::kRead, Action::kManageMachines}) {
    EXPECT_FALSE(gate.Check("shared", other, HttpRequest())) << Name(other);
  }
  file.key_release.open_to_callers = false;
  EXPECT_FALSE(Gate(file, {}, {false, [] { return Time{}; }})
                   .Check("shared", Action::kReleaseKeys, HttpRequest()));
}

TEST(Gate, RefusesARequestWithoutTokenAndSaysWhereToGetOne) {
  const auto refused = MakeGate().Check("default", Action::kRead, HttpRequest());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 401U);
  EXPECT_EQ(refused.error().challenge,
            "Bearer authorization=\"https://issuer.example\", "
            "resource=\"https://attest.example\"");
}

TEST(Gate, RefusesAnotherScheme) {
  HttpRequest request;
  request.headers = {{"Authorization", "Basic YTpi"}};
  EXPECT_TRUE(Has(Outcome(request), "401 Authorization: expected \"Bearer\""));
}

TEST(Gate, RefusesTwoAuthorizationHeaders) {
  HttpRequest request = With(Token().Text());
  request.headers.emplace_back("authorization", "Bearer x");
  EXPECT_TRUE(Has(Outcome(request), "401 expected one Authorization header"));
}

TEST(Gate, RefusesAMalformedToken) {
  EXPECT_TRUE(Has(Outcome(With("abc")), "401 JWS: expected three parts"));
}

TEST(Gate, MarksABadTokenInTheChallenge) {
  const auto refused = MakeGate().Check("default", Action::kRead, With("abc"));
  EXPECT_TRUE(Has(refused.error().challenge, ", error=\"invalid_token\""));
}

TEST(Gate, RefusesATokenThatIsTooLong) {
  EXPECT_TRUE(Has(Outcome(With(std::string(limits::kBearerTokenBytes + 1, 'a'))), "401 token: "));
}

TEST(Gate, RefusesAnExpiredTokenBeyondTheSkew) {
  EXPECT_TRUE(Has(Outcome(Token().Claim("exp", UnixSeconds(kNow) - 61)), "401 token: expired"));
  EXPECT_EQ(Outcome(Token().Claim("exp", UnixSeconds(kNow) - 59)), "allowed");
}

TEST(Gate, RefusesATokenThatIsNotYetValidBeyondTheSkew) {
  EXPECT_TRUE(
      Has(Outcome(Token().Claim("nbf", UnixSeconds(kNow) + 61)), "401 token: not valid before"));
  EXPECT_EQ(Outcome(Token().Claim("nbf", UnixSeconds(kNow) + 59)), "allowed");
}

TEST(Gate, RefusesATokenThatNeverExpires) {
  EXPECT_TRUE(Has(Outcome(Token().Without("exp")), "401 JSON: token.exp"));
}

TEST(Gate, RefusesATokenForAnotherAudience) {
  EXPECT_TRUE(Has(Outcome(Token().Claim("aud", "https://else.example")), "another audience"));
  EXPECT_TRUE(Has(Outcome(Token().Claim("aud", json::Array{"x", "y"})), "another audience"));
  EXPECT_TRUE(Has(Outcome(Token().Without("aud")), "another audience"));
  EXPECT_EQ(Outcome(Token().Claim("aud", json::Array{"x", access_testing::kAudience})), "allowed");
}

TEST(Gate, RefusesATokenOfAnotherIssuer) {
  EXPECT_TRUE(Has(Outcome(Token().Claim("iss", "https://evil.example")), "401 token: its issuer"));
  EXPECT_TRUE(Has(Outcome(Token().Claim("iss", "https://issuer.example/")), "its issuer"));
}

TEST(Gate, RefusesATokenWithoutSubject) {
  EXPECT_TRUE(Has(Outcome(Token().Without("sub")), "401 JSON: token.sub"));
}

TEST(Gate, RefusesAnUnknownKid) {
  EXPECT_TRUE(Has(Outcome(Token().Header("kid", "k2")), "401 the token's issuer has no key"));
}

TEST(Gate, RefusesATokenWithoutKid) {
  EXPECT_TRUE(Has(Outcome(Token().Header("kid", "")), "401 token: expected a kid"));
}

TEST(Gate, RefusesATokenOfAnotherType) {
  EXPECT_TRUE(Has(Outcome(Token().Header("typ", "logout+jwt")), "401 token: expected typ"));
  EXPECT_EQ(Outcome(Token().Header("typ", "at+jwt")), "allowed");
}

TEST(Gate, RefusesASignatureOfAStranger) {
  EXPECT_TRUE(Has(Outcome(With(Token().By(StrangersKey()))), "401 JWS: the signature"));
}

TEST(Gate, RefusesAKeyThatTheTokenBrings) {
  const json::Object jwk = token_testing::Jwk(StrangersKey(), "k1");
  EXPECT_TRUE(
      Has(Outcome(With(Token().Header("jwk", jwk).By(StrangersKey()))), "401 JWS: the signature"));
}

TEST(Gate, RefusesAlgNone) {
  const Token token;
  const std::string text = Base64UrlEncode(AsBytes(R"({"alg":"none","kid":"k1"})")) + "." +
                           Base64UrlEncode(AsBytes(json::Write(token.claims))) + ".";
  EXPECT_TRUE(Has(Outcome(With(text)), "401 JWS: the algorithm \"none\""));
}

TEST(Gate, RefusesHs256WithThePublicKeyAsSecret) {
  const std::string secret = access_testing::JwksOf(IssuerKey(), "k1");
  std::string text = Base64UrlEncode(AsBytes(R"({"alg":"HS256","kid":"k1"})")) + "." +
                     Base64UrlEncode(AsBytes(json::Write(Token().claims)));
  ByteArray<EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  text += "." + Base64UrlEncode(View(mac).first(size));
  EXPECT_TRUE(Has(Outcome(With(text)), "401 JWS: the algorithm \"HS256\""));
}

TEST(Gate, RefusesWhoHasNoRole) {
  EXPECT_TRUE(Has(Outcome(Token().Without("roles")), "403 read needs the role reader"));
}

TEST(Gate, RefusesWhoHasARoleAtAnotherProvider) {
  EXPECT_TRUE(Has(Outcome(With(Token().Text()), "known"), "403 read needs the role reader"));
}

TEST(Gate, RefusesARoleThatAnotherIssuerClaims) {
  EXPECT_TRUE(Has(Outcome(Token().Claim("iss", "https://other.example")), "403 read needs"));
}

TEST(Gate, RefusesAReaderWhoWantsToWrite) {
  for (const Action action : {Action::kWritePolicy, Action::kManageCertificates}) {
    EXPECT_TRUE(Has(Outcome(With(Token().Text()), "default", action),
                    "needs the role contributor at this provider; this token has reader"));
  }
}

TEST(Gate, LetsAContributorWriteButNotManageTheProvider) {
  const HttpRequest request = With(Token().Claim("roles", json::Array{"x", "writers"}).Text());
  EXPECT_EQ(Outcome(request, "default", Action::kRead), "allowed");
  EXPECT_EQ(Outcome(request, "default", Action::kWritePolicy), "allowed");
  EXPECT_EQ(Outcome(request, "default", Action::kManageCertificates), "allowed");
  EXPECT_TRUE(Has(Outcome(request, "default", Action::kManageProvider), "403 "));
}

TEST(Gate, LetsAnAdminOfAllManageEach) {
  const HttpRequest request = With(Token().Claim("sub", "root").Text());
  EXPECT_EQ(Outcome(request, "default", Action::kManageProvider), "allowed");
  EXPECT_EQ(Outcome(request, "anything", Action::kManageProvider), "allowed");
}

TEST(Gate, AnswersAlikeForProvidersThatAreThereAndThatAreNot) {
  const HttpRequest request = With(Token().Text());
  EXPECT_EQ(Outcome(request, "known"), Outcome(request, "no-such-provider"));
  EXPECT_EQ(Outcome(HttpRequest(), "known"), Outcome(HttpRequest(), "no-such-provider"));
}

TEST(Gate, LetsAnybodyAttestWhereItIsOpenOnly) {
  EXPECT_EQ(Outcome(HttpRequest(), "default", Action::kAttest), "allowed");
  EXPECT_TRUE(Has(Outcome(HttpRequest(), "known", Action::kAttest), "401 "));
  EXPECT_TRUE(Has(Outcome(HttpRequest(), "unnamed", Action::kAttest), "403 nobody may attest"));
}

TEST(Gate, LetsWhoIsKnownAttestWithoutARole) {
  EXPECT_EQ(Outcome(With(Token().Without("roles").Text()), "known", Action::kAttest), "allowed");
}

Bytes Client(const std::string& name, Time start) {
  CertificateRequest request;
  request.common_name = name;
  request.not_before = start;
  request.days = 1;
  return IssueCertificate(IssuerKey(), request, IssuerKey(), nullptr).value()->der();
}

std::string OutcomeOfClient(Bytes certificate, std::string fault = {}) {
  HttpRequest request;
  request.client_certificate = std::move(certificate);
  request.client_certificate_fault = std::move(fault);
  return Outcome(request, "machines", Action::kAttest);
}

TEST(Gate, LetsAListedClientCertificateAttest) {
  EXPECT_EQ(OutcomeOfClient(Client("node-1", kNow)), "allowed");
}

TEST(Gate, RefusesAClientWithoutACertificateOrWithABadOne) {
  EXPECT_TRUE(Has(OutcomeOfClient({}), "403 expected a TLS client certificate"));
  EXPECT_TRUE(Has(OutcomeOfClient({}, "certificate has expired"), "certificate has expired"));
}

TEST(Gate, RefusesAClientCertificateOfAnotherName) {
  EXPECT_TRUE(Has(OutcomeOfClient(Client("node-2", kNow)), "403 the TLS client certificate's"));
}

TEST(Gate, RefusesAClientCertificateThatExpiredDuringItsConnection) {
  EXPECT_TRUE(Has(OutcomeOfClient(Client("node-1", kNow - std::chrono::hours(48))), "has expired"));
}

TEST(Gate, OpensManagementOnlyWhenToldTo) {
  EXPECT_TRUE(MakeGate(true).Check("x", Action::kManageProvider, HttpRequest()));
  EXPECT_FALSE(MakeGate().Check("x", Action::kManageProvider, HttpRequest()));
  // Attesting stays as the file says.
  EXPECT_FALSE(MakeGate(true).Check("unnamed", Action::kAttest, HttpRequest()));
}

TEST(Gate, WithoutAFileLetsEverybodyAttestAndNobodyManage) {
  const Gate gate(OpenAttestationOnly(), {}, {false, [] { return kNow; }});
  EXPECT_TRUE(gate.Check("default", Action::kAttest, HttpRequest()));
  const auto refused = gate.Check("default", Action::kRead, With(Token().Text()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 401U);
  EXPECT_EQ(refused.error().challenge, "Bearer");
}

}  // namespace
}  // namespace assay::access
