// Two providers in one process, and whoever tries to get from one into the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "service/providers.h"

namespace assay {
namespace {

const std::string kA = "/providers/team-a";
const std::string kB = "/providers/team-b";
const std::string kSgx = "/policies/SgxEnclave";

std::string TokenOf(const HttpResponse& response) {
  const json::Value body = json::Parse(response.body).value();
  const json::Value* token = body.Find("token");
  return token != nullptr ? *token->AsString() : "";
}

std::string Kid(const HttpResponse& certs) {
  const json::Value keys = json::Parse(certs.body).value();
  return *keys.Find("keys")->AsArray()->at(0).Find("kid")->AsString();
}

// What an attester must never see of another provider.
TEST(Isolation, EachHasItsIssuerItsKeysAndItsPolicies) {
  Providers with;
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  EXPECT_EQ(ErrorCode(with.Attest(kA)), "PolicyEvaluationError");
  const json::Value b = with.Claims(with.Attest(kB), "team-b");
  EXPECT_EQ(*b.Find("iss")->AsString(), "https://attest.example/providers/team-b");
  EXPECT_EQ(with.Attest("").status, 200U);
  const std::string kid_a = Kid(with.Send("GET", kA + "/certs"));
  const std::string kid_b = Kid(with.Send("GET", kB + "/certs"));
  const std::string kid_root = Kid(with.Send("GET", "/certs"));
  EXPECT_NE(kid_a, kid_b);
  EXPECT_NE(kid_a, kid_root);
  EXPECT_NE(kid_b, kid_root);
  for (const char* path : {"/certs", "/.well-known/openid-configuration"}) {
    EXPECT_EQ(with.Send("GET", kB + path).body.find("team-a"), std::string::npos) << path;
    EXPECT_EQ(with.Send("GET", kB + path).body.find(kid_a), std::string::npos) << path;
  }
}

TEST(Isolation, ATokenOfOneIsNoneOfTheOther) {
  Providers with;
  const std::string token = TokenOf(with.Attest(kA));
  const std::size_t dot = token.rfind('.');
  const auto signature = Base64UrlDecode(token.substr(dot + 1)).value();
  const Sha256Digest digest = Sha256(AsBytes(token.substr(0, dot)));
  const auto verifies = [&](std::string_view name) {
    const auto service = with.host.Find(name).value();
    return service->PublishedSigners().front().certificate->key().VerifyEcdsa(digest, signature);
  };
  EXPECT_TRUE(verifies("team-a"));
  EXPECT_FALSE(verifies("team-b"));
  EXPECT_FALSE(verifies("iso"));
}

// A attestation or management token of A is no authority over B, and none over A either.
TEST(Isolation, TokensOfTheServiceManageNothing) {
  Providers with;
  for (const std::string& token :
       {TokenOf(with.Attest(kA)), TokenOf(with.Send("GET", kA + kSgx)), TokenOf(with.Attest(""))}) {
    for (const std::string& prefix : {kA, kB, std::string("/providers/iso")}) {
      EXPECT_EQ(ErrorCode(with.Send("PUT", prefix + kSgx, token)), "InvalidOperation");
      EXPECT_EQ(ErrorCode(with.Send("POST", prefix + kSgx + ":reset", token)), "InvalidOperation");
      EXPECT_EQ(ErrorCode(with.Send("POST", prefix + "/certificates:add", token)),
                "InvalidOperation");
    }
  }
}

TEST(Isolation, TheKeyOfAProviderSignsNoPolicyOfAnother) {
  Providers with;
  const TokenSigner signer = with.host.Find("team-a").value()->PublishedSigners().front();
  const json::Object header{{"alg", "ES256"},
                            {"kid", KeyId(*signer.certificate)},
                            {"x5c", json::Array{Base64Encode(signer.certificate->der())}}};
  const std::string payload =
      json::Write(json::Object{{"AttestationPolicy", Base64UrlEncode(AsBytes(kPermit))}});
  const std::string token = token_testing::Signed(signer.key, json::Write(header), payload);
  EXPECT_EQ(ErrorCode(with.Send("PUT", "/providers/iso" + kSgx, token)), "InvalidOperation");
}

TEST(Isolation, ACertificateOfOneSignsNothingForAnother) {
  Providers with;
  const Manager other;
  with.Make("iso-two", TrustModel::kIsolated, {other.certificate});
  EXPECT_EQ(
      ErrorCode(with.Send("PUT", "/providers/iso-two" + kSgx, with.manager.SignPolicy(kPermit))),
      "InvalidOperation");
  EXPECT_EQ(ErrorCode(with.Send("PUT", "/providers/iso" + kSgx, other.SignPolicy(kPermit))),
            "InvalidOperation");
  const std::string add = with.manager.Sign(CertificatePayload(*with.manager.certificate));
  EXPECT_EQ(ErrorCode(with.Send("POST", "/providers/iso-two/certificates:add", add)),
            "InvalidOperation");
}

// The header may name any key it likes: those of the list are the only ones.
TEST(Isolation, NoKeyOfTheHeaderIsBelieved) {
  Providers with;
  const Manager thief;
  const std::string payload =
      json::Write(json::Object{{"AttestationPolicy", Base64UrlEncode(AsBytes(kPermit))}});
  const std::string own = Base64Encode(thief.certificate->der());
  const std::string listed = Base64Encode(with.manager.certificate->der());
  const json::Object jwk = token_testing::Jwk(thief.key, "k");
  const std::vector<json::Object> headers = {
      {{"alg", "ES256"}, {"x5c", json::Array{listed}}},
      {{"alg", "ES256"}, {"x5c", json::Array{own, listed}}},
      {{"alg", "ES256"}, {"x5c", json::Array{listed, own}}},
      {{"alg", "ES256"}, {"jwk", jwk}, {"x5c", json::Array{listed}}},
      {{"alg", "ES256"}, {"jwk", jwk}},
      {{"alg", "ES256"}, {"jku", "https://thief.example/certs"}, {"kid", "k"}},
      {{"alg", "ES256"}, {"kid", KeyId(*with.manager.certificate)}},
      {{"alg", "none"}, {"x5c", json::Array{listed}}},
  };
  for (const json::Object& header : headers) {
    const std::string token = token_testing::Signed(thief.key, json::Write(header), payload);
    EXPECT_EQ(ErrorCode(with.Send("PUT", "/providers/iso" + kSgx, token)), "InvalidOperation")
        << json::Write(header);
  }
}

TEST(Isolation, ThereIsOneSpellingOfEachPath) {
  Providers with;
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  for (const char* path : {"/providers/team-b/../team-a/policies/SgxEnclave",
                           "/providers/../policies/SgxEnclave",
                           "/providers/./team-a/policies/SgxEnclave",
                           "/providers//team-a/policies/SgxEnclave",
                           "//providers/team-a/policies/SgxEnclave",
                           "/providers/team%2da/policies/SgxEnclave",
                           "/providers/team-a%2fpolicies/SgxEnclave",
                           "/providers/team-a/policies%2fSgxEnclave",
                           "/providers/%2e%2e/policies/SgxEnclave",
                           "/providers/TEAM-A/policies/SgxEnclave",
                           "/Providers/team-a/policies/SgxEnclave",
                           "/providers/team-a/policies/SgxEnclave/",
                           "/providers/team-a/policies/SgxEnclave/..",
                           "/providers/team-a//policies/SgxEnclave",
                           "/providers/team-a;x/policies/SgxEnclave",
                           "/providers/team-a/policies/Sgx%45nclave",
                           "/providers/team-a\\policies/SgxEnclave",
                           "/providers/team-a/policies/SgxEnclave:Reset",
                           "/providers/team-a/providers/team-b/policies/SgxEnclave",
                           "/providers/team-a",
                           "/providers/team-a/",
                           "/providers/",
                           "/providers",
                           "/providers/shared/policies/SgxEnclave",
                           "/providers/none/policies/SgxEnclave",
                           "/providers/team-a /policies/SgxEnclave"}) {
    EXPECT_EQ(with.Send("GET", path).status, 404U) << path;
    EXPECT_EQ(with.Send("PUT", path, UnsecuredPolicyToken(kPermit)).status, 404U) << path;
  }
  EXPECT_EQ(with.PolicyText("team-a"), kDeny);
}

TEST(Isolation, NoHeaderSaysWhichProviderIsMeant) {
  Providers with;
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  for (const char* name : {"Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL",
                           "X-Rewrite-URL", "X-Forwarded-Prefix"}) {
    HttpRequest request;
    request.method = "GET";
    request.path = kB + kSgx;
    request.query = "api-version=2022-08-01&provider=team-a";
    request.headers = {{name, "team-a.attest.example"}, {name, kA}};
    const json::Value claims = with.Claims(with.Send(request), "team-b");
    EXPECT_EQ(*claims.Find("iss")->AsString(), "https://attest.example/providers/team-b") << name;
    EXPECT_NE(StoredPolicyText(*claims.Find("x-ms-policy")->AsString()).value(), kDeny) << name;
  }
}

TEST(Isolation, TheProcessIsNoBusinessOfAProvider) {
  Providers with;
  for (const char* path : {"/metrics", "/healthz", "/readyz"}) {
    EXPECT_EQ(with.Send("GET", kA + path).status, 404U) << path;
    EXPECT_EQ(with.Send("GET", path).status, 200U) << path;
  }
}

TEST(Isolation, ErrorsNameNothingOfAnother) {
  Providers with;
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  const Manager stranger;
  const std::string add = stranger.Sign(CertificatePayload(*stranger.certificate));
  for (const HttpResponse& response :
       {with.Send("PUT", "/providers/iso" + kSgx, stranger.SignPolicy(kPermit)),
        with.Send("POST", "/providers/iso/certificates:remove", add),
        with.Send("GET", "/providers/none" + kSgx), with.Send("PUT", kB + kSgx, "x")}) {
    EXPECT_GE(response.status, 400U);
    EXPECT_EQ(response.body.find("team-a"), std::string::npos) << response.body;
    EXPECT_EQ(response.body.find("deny"), std::string::npos) << response.body;
    // Nor the list of those who may sign: only who tried.
    EXPECT_EQ(response.body.find(HexEncode(with.manager.certificate->digest())), std::string::npos);
  }
}

TEST(Isolation, ADeletedProviderIsGoneAndANewOneOfItsNameIsAnother) {
  Providers with;
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  const std::string kid = Kid(with.Send("GET", kA + "/certs"));
  ASSERT_TRUE(ProviderBook(*with.store).Delete("team-a"));
  EXPECT_EQ(with.Attest(kA).status, 404U);
  EXPECT_EQ(with.Send("GET", kA + "/certs").status, 404U);
  with.Make("team-a", TrustModel::kAad, {});
  EXPECT_EQ(with.Attest(kA).status, 200U);
  EXPECT_NE(Kid(with.Send("GET", kA + "/certs")), kid);
}

TEST(Isolation, AStoredPolicyThatIsBrokenAnswersNothing) {
  Providers with;
  EXPECT_EQ(with.Attest(kA).status, 200U);
  const ProviderState state = ProviderBook(*with.store).Find("team-a").value().value();
  const std::string broken = UnsecuredPolicyToken("of a newer language");
  ASSERT_TRUE(ProviderBook(*with.store)
                  .SetPolicy(state, policy::AttestationType::kTdxVm, std::nullopt, broken,
                             FromUnixSeconds(kTokenTime)));
  EXPECT_EQ(with.Attest(kA).status, 500U) << "not under the policies of before";
  EXPECT_EQ(with.Attest(kB).status, 200U);
}

// A draft proves nothing, whatever its policy says.
TEST(Draft, GivesATokenThatNobodyCanTakeForAReal) {
  Providers with;
  const std::string draft =
      "version=1.1; authorizationrules { => permit(); }; issuancerules { => issue(type=\"iss\", "
      "value=\"x\"); => issueproperty(type=\"omit_x5c\", value=false); };";
  const HttpResponse response =
      with.Send("POST", kA + "/attest/SgxEnclave",
                json::Write(json::Object{{"quote", Encoded(with.root.simulation.evidence)},
                                         {"draftPolicyForAttestation", draft}}));
  const std::string token = TokenOf(response);
  ASSERT_FALSE(token.empty()) << response.body;
  EXPECT_TRUE(token.ends_with('.'));
  EXPECT_FALSE(ParseJws(token)) << "none is no algorithm";
  const std::size_t dot = token.find('.');
  const json::Value header =
      json::Parse(AsText(Base64UrlDecode(token.substr(0, dot)).value())).value();
  EXPECT_EQ(*header.Find("alg")->AsString(), "none");
  EXPECT_EQ(header.AsObject()->size(), 4U) << "alg, jku, kid and typ, as recorded";
  const std::string payload = token.substr(dot + 1, token.size() - dot - 2);
  const json::Value claims = json::Parse(AsText(Base64UrlDecode(payload).value())).value();
  EXPECT_EQ(*claims.Find("x-ms-policy-hash")->AsString(), PolicyHash(draft));
  EXPECT_EQ(*claims.Find("iss")->AsString(), "https://attest.example/providers/team-a");
}

TEST(Draft, IsHeldToTheSameEvidence) {
  Providers with;
  const auto attest = [&with](std::string_view draft, std::string evidence) {
    return with.Send("POST", kA + "/attest/SgxEnclave",
                     json::Write(json::Object{{"quote", std::move(evidence)},
                                              {"draftPolicyForAttestation", draft}}));
  };
  const std::string quote = Encoded(with.root.simulation.evidence);
  EXPECT_EQ(ErrorCode(attest(kDeny, quote)), "PolicyEvaluationError");
  const HttpResponse broken = attest("version=1.0;\nnonsense", quote);
  EXPECT_EQ(ErrorCode(broken), "PolicyParsingError");
  EXPECT_NE(broken.body.find("policy:2:1"), std::string::npos) << broken.body;
  Bytes forged = with.root.simulation.evidence;
  forged[100] ^= std::byte{1};
  EXPECT_EQ(ErrorCode(attest(kPermit, Encoded(forged))), "AttestationFailed");
  EXPECT_EQ(with.Attest(kA).status, 200U) << "a draft changes nothing";
}

TEST(Recording, IsOfWhatVerifiedAndOfNoDraft) {
  Providers with;
  const std::string quote = Encoded(with.root.simulation.evidence);
  with.Attest(kA);
  EXPECT_EQ(with.recorded.size(), 1U);
  with.Send("PUT", kA + kSgx, UnsecuredPolicyToken(kDeny));
  with.Attest(kA);
  EXPECT_EQ(with.recorded.size(), 2U) << "what a policy denies, too";
  Bytes forged = with.root.simulation.evidence;
  forged[100] ^= std::byte{1};
  with.Send("POST", kA + "/attest/SgxEnclave",
            json::Write(json::Object{{"quote", Encoded(forged)}}));
  with.Send("POST", kA + "/attest/SgxEnclave", "{}");
  with.Send("POST", kA + "/attest/SgxEnclave",
            json::Write(json::Object{{"quote", quote}, {"draftPolicyForAttestation", kPermit}}));
  with.Attest("");
  EXPECT_EQ(with.recorded.size(), 2U);
}

// What one request sees is one policy, and what was set last stays.
TEST(Isolation, ManyAtOnceNeverMixProviders) {
  Providers with;
  ASSERT_EQ(with.Send("PUT", kB + kSgx, UnsecuredPolicyToken(kDeny)).status, 200U);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::thread changer([&] {
    for (int i = 0; i < 40; ++i) {
      const std::string token = UnsecuredPolicyToken(i % 2 == 0 ? kDeny : kPermit);
      if (with.Send("PUT", kA + kSgx, token).status != 200U) ++wrong;
    }
    done = true;
  });
  std::thread reader([&] {
    while (!done) {
      if (with.Attest(kB).status != 400U) ++wrong;
      if (with.Attest("").status != 200U) ++wrong;
    }
  });
  changer.join();
  reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(with.PolicyText("team-a"), kPermit);
  EXPECT_EQ(with.PolicyText("team-b"), kDeny);
}

TEST(Isolation, TheLimitOfAProviderIsItsOwnAndOfAttestingAlone) {
  Providers with;
  with.Make("small", TrustModel::kAad, {}, 2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(with.Attest("/providers/small").status, 200U);
  const HttpResponse refused = with.Attest("/providers/small");
  EXPECT_EQ(refused.status, 429U);
  EXPECT_NE(refused.body.find("TooManyRequests"), std::string::npos);
  const bool told = std::any_of(refused.headers.begin(), refused.headers.end(),
                                [](const auto& header) { return header.first == "Retry-After"; });
  EXPECT_TRUE(told);
  EXPECT_EQ(with.Send("GET", "/providers/small/policies/SgxEnclave").status, 200U);
  EXPECT_EQ(with.Attest("/providers/team-a").status, 200U);
  EXPECT_EQ(with.Attest("").status, 200U);
}

}  // namespace
}  // namespace assay
