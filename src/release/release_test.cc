// From a policy and a token to a decision: each refusal by the one check that makes it.
#include "release/release.h"

#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "release/authority_testing.h"

namespace assay::release {
namespace {

using namespace testing;

const std::string kTest = R"({"claim":"tee","equals":"snp"})";

class TestWitness final : public Witness {
 public:
  Result<MachineStanding> StandingOf(const std::string& issuer,
                                     const json::Value& claims) override {
    asked += issuer + " " + *claims.Find("tee")->AsString() + ";";
    if (broken) return Fail(ErrorCode::kIo, "the store does not answer");
    return standing;
  }
  Result<bool> SpendNonce(const std::string& kid, const std::string& nonce, Time end) override {
    until = end;
    return spent.insert(kid + " " + nonce).second;
  }

  MachineStanding standing = MachineStanding::kNotWatched;
  bool broken = false;
  std::string asked;
  std::set<std::string> spent;
  Time until{};
};

class Release : public ::testing::Test {
 protected:
  Release() {
    keys_.Add(AuthorityA());
    keys_.Add(AuthorityB());
    SetPolicy(BranchOf(kIssuerA, kTest));
    key_ = {"https://vault/keys/k/1", true, true, &policy_};
    request_.kid = "https://vault/keys/k";
    request_.api_version = "7.5";
  }

  void SetPolicy(const std::string& branches) { policy_ = Policy(PolicyText(branches)); }

  Result<Decision> Decide(const std::string& target) {
    request_.target = target;
    return DecideRelease(request_, key_, {keys_, witness_, rules_}, kNow);
  }
  // "granted", the name of the reason, or the message of the error.
  std::string Verdict(const std::string& target) {
    const auto decision = Decide(target);
    if (!decision) return "error: " + decision.error().message;
    const Denial* denial = std::get_if<Denial>(&*decision);
    return denial == nullptr ? "granted" : std::string(Name(denial->reason));
  }
  std::string Verdict() { return Verdict(TokenOf(AuthorityA())); }

  ReleasePolicy policy_;
  KeyStanding key_;
  TestKeys keys_;
  TestWitness witness_;
  TokenRules rules_;
  ReleaseRequest request_;
};

TEST_F(Release, IsGrantedToWhatThePolicyNames) {
  const auto decision = Decide(TokenOf(AuthorityA()));
  ASSERT_TRUE(decision);
  const Grant& grant = std::get<Grant>(*decision);
  EXPECT_EQ(grant.kid(), "https://vault/keys/k/1");
  EXPECT_EQ(grant.request().kid, "https://vault/keys/k");
  EXPECT_EQ(grant.runtime_key().kid, "TpmEphemeralEncryptionKey");
  EXPECT_EQ(grant.authorities(), std::vector<std::string>{kIssuerA});
  EXPECT_EQ(witness_.asked, "https://a.example snp;");
}

TEST_F(Release, IsRefusedWhenTheKeyIsNotExportable) {
  key_.exportable = false;
  EXPECT_EQ(Verdict(), "KeyNotExportable");
}

TEST_F(Release, IsRefusedWhenTheKeyIsDisabled) {
  key_.enabled = false;
  EXPECT_EQ(Verdict(), "KeyDisabled");
}

TEST_F(Release, IsRefusedWithoutAPolicy) {
  key_.policy = nullptr;
  EXPECT_EQ(Verdict(), "NoReleasePolicy");
}

TEST_F(Release, IsRefusedWithATokenThatIsNoGood) {
  const json::Object claims = TokenClaims(AuthorityA());
  EXPECT_EQ(Verdict(TokenOf(AuthorityA(), With(claims, "exp", UnixSeconds(kNow) - 3600))),
            "TokenExpired");
  EXPECT_EQ(Verdict(TokenOf(AuthorityB())), "OtherProvider");
  EXPECT_EQ(Verdict(""), "TokenMalformed");
}

TEST_F(Release, IsRefusedWhenThePolicyIsNotSatisfiedAndSaysWhy) {
  const auto decision =
      Decide(TokenOf(AuthorityA(), TokenClaims(AuthorityA(), R"({"tee":"sgx"})")));
  ASSERT_TRUE(decision);
  const Denial& denial = std::get<Denial>(*decision);
  EXPECT_EQ(denial.reason, Reason::kPolicyFalse);
  ASSERT_EQ(denial.findings.size(), 1U);
  EXPECT_EQ(denial.findings[0].expected, "equals \"snp\"");
  EXPECT_EQ(denial.findings[0].found, "\"sgx\"");
}

TEST_F(Release, IsRefusedByEachWayInWhichAClaimCanBeWrong) {
  SetPolicy(BranchOf(kIssuerA, R"({"claim":"isolation.debug","equals":false})"));
  const auto with = [this](const std::string& claims) {
    return Verdict(TokenOf(AuthorityA(), TokenClaims(AuthorityA(), claims)));
  };
  EXPECT_EQ(with(R"({"tee":"t","isolation":{"debug":false}})"), "granted");
  EXPECT_EQ(with(R"({"tee":"t","isolation":{}})"), "ClaimMissing");
  EXPECT_EQ(with(R"({"tee":"t","isolation":{"debug":"false"}})"), "ClaimOfAnotherType");
  EXPECT_EQ(with(R"({"tee":"t","isolation.debug":false})"), "ClaimAtAnotherLevel");
  EXPECT_EQ(with(R"({"tee":"t","isolation":{"debug":true}})"), "PolicyFalse");
}

TEST_F(Release, IsRefusedWithoutAKeyToWrapTo) {
  const json::Object claims = TokenClaims(AuthorityA());
  EXPECT_EQ(Verdict(TokenOf(AuthorityA(), With(claims, "x-ms-runtime", nullptr))),
            "RuntimeKeyAbsent");
  const json::Object weak =
      With(JwkOf(EnvironmentKey(), "k"), "n", Base64UrlEncode(Bytes(128, std::byte{0xA5})));
  EXPECT_EQ(
      Verdict(TokenOf(AuthorityA(), TokenClaims(kIssuerA, R"({"tee":"snp"})", json::Array{weak}))),
      "RuntimeKeyWeak");
}

TEST_F(Release, IsRefusedToMachinesThatDriftedOrWereRevoked) {
  witness_.standing = MachineStanding::kTrusted;
  EXPECT_EQ(Verdict(), "granted");
  witness_.standing = MachineStanding::kDrifted;
  EXPECT_EQ(Verdict(), "MachineDrifted");
  witness_.standing = MachineStanding::kRevoked;
  EXPECT_EQ(Verdict(), "MachineRevoked");
  witness_.standing = MachineStanding::kUnproven;
  EXPECT_EQ(Verdict(), "MachineUnproven");
}

TEST_F(Release, IsNotJudgedWhenTheMonitorCannotTell) {
  witness_.broken = true;
  EXPECT_EQ(Verdict(), "error: the store does not answer");
}

TEST_F(Release, IsRefusedWhenItsNonceIsReplayed) {
  request_.nonce = "n1";
  EXPECT_EQ(Verdict(), "granted");
  EXPECT_EQ(Verdict(), "NonceReplayed");
  request_.nonce = "n2";
  EXPECT_EQ(Verdict(), "granted");
  request_.nonce.clear();
  EXPECT_EQ(Verdict(), "granted");
  EXPECT_EQ(Verdict(), "granted");
}

TEST_F(Release, RemembersANonceForAsLongAsItsTokenIsTaken) {
  request_.nonce = "n1";
  const std::string token = TokenOf(AuthorityA());
  EXPECT_EQ(Verdict(token), "granted");
  const auto at = [&](Time now) {
    request_.target = token;
    const auto decision = DecideRelease(request_, key_, {keys_, witness_, rules_}, now);
    return std::string(Name(std::get<Denial>(*decision).reason));
  };
  EXPECT_EQ(at(witness_.until - std::chrono::seconds{1}), "NonceReplayed");
  EXPECT_EQ(at(witness_.until), "TokenExpired");
}

TEST_F(Release, SpendsNoNonceOnARefusal) {
  request_.nonce = "n1";
  EXPECT_EQ(Verdict(TokenOf(AuthorityB())), "OtherProvider");
  key_.enabled = false;
  EXPECT_EQ(Verdict(), "KeyDisabled");
  EXPECT_TRUE(witness_.spent.empty());
}

TEST_F(Release, IsNotJudgedWithANonceBeyondItsBound) {
  request_.nonce = std::string(limits::kReleaseNonceBytes, 'n');
  EXPECT_EQ(Verdict(), "granted");
  request_.nonce += 'n';
  EXPECT_EQ(Verdict().substr(0, 13), "error: nonce:");
}

class Agreement : public Release {
 protected:
  Agreement() {
    SetPolicy(AgreementOf(BranchOf(kIssuerA, kTest) + "," + BranchOf(kIssuerB, kTest)));
  }

  static std::string Both() { return TokenOf(AuthorityA()) + "," + TokenOf(AuthorityB()); }
};

TEST_F(Agreement, IsGrantedByBothAuthoritiesOnly) {
  EXPECT_EQ(Verdict(Both()), "granted");
  EXPECT_EQ(Verdict(TokenOf(AuthorityB()) + "," + TokenOf(AuthorityA())), "granted");
  EXPECT_EQ(Verdict(TokenOf(AuthorityA())), "AgreementIncomplete");
  EXPECT_EQ(Verdict(TokenOf(AuthorityB())), "AgreementIncomplete");
}

TEST_F(Agreement, NamesTheAuthoritiesThatAgreed) {
  const auto decision = Decide(Both());
  ASSERT_TRUE(decision);
  EXPECT_EQ(std::get<Grant>(*decision).authorities(),
            (std::vector<std::string>{kIssuerA, kIssuerB}));
}

TEST_F(Agreement, AsksAboutTheMachineOfEachToken) {
  EXPECT_EQ(Verdict(Both()), "granted");
  EXPECT_EQ(witness_.asked, "https://a.example snp;https://b.example snp;");
}

TEST_F(Agreement, IsRefusedWhenOneTokenIsNoGood) {
  const json::Object expired = With(TokenClaims(AuthorityB()), "exp", UnixSeconds(kNow) - 3600);
  EXPECT_EQ(Verdict(TokenOf(AuthorityA()) + "," + TokenOf(AuthorityB(), expired)), "TokenExpired");
  EXPECT_EQ(Verdict(Both() + ","), "TokenMalformed");
}

TEST_F(Agreement, IsRefusedWhenOneAuthorityBringsTwoTokens) {
  EXPECT_EQ(Verdict(TokenOf(AuthorityA()) + "," + TokenOf(AuthorityA())),
            "TwoTokensOfOneAuthority");
}

TEST_F(Agreement, IsRefusedWhenTheTokensAreAboutTwoEnvironments) {
  const SigningKey other = SigningKey::Generate(KeyType::kRsa2048).value();
  const json::Object elsewhere = TokenClaims(
      kIssuerB, R"({"tee":"snp"})", json::Array{JwkOf(other, "TpmEphemeralEncryptionKey")});
  EXPECT_EQ(Verdict(TokenOf(AuthorityA()) + "," + TokenOf(AuthorityB(), elsewhere)),
            "RuntimeKeysDiffer");
}

TEST_F(Agreement, IsRefusedWhenTheClaimsThatHaveToBeEqualAreNot) {
  SetPolicy(AgreementOf(BranchOf(kIssuerA, kTest) + "," + BranchOf(kIssuerB, kTest), R"("m")"));
  const auto with = [this](const std::string& a, const std::string& b) {
    return Verdict(TokenOf(AuthorityA(), TokenClaims(AuthorityA(), a)) + "," +
                   TokenOf(AuthorityB(), TokenClaims(AuthorityB(), b)));
  };
  EXPECT_EQ(with(R"({"tee":"snp","m":"1"})", R"({"tee":"snp","m":"1"})"), "granted");
  EXPECT_EQ(with(R"({"tee":"snp","m":"1"})", R"({"tee":"snp","m":"2"})"), "AgreementDiffers");
}

TEST_F(Agreement, IsRefusedWhenOneKeySignsForBoth) {
  const TestAuthority alias{"https://c.example", AuthorityA().key, "kc"};
  keys_.Add(alias);
  SetPolicy(AgreementOf(BranchOf(kIssuerA, kTest) + "," + BranchOf(alias.issuer, kTest)));
  EXPECT_EQ(Verdict(TokenOf(AuthorityA()) + "," + TokenOf(alias)), "AgreementOfOneSigner");
}

TEST_F(Agreement, IsRefusedWithMoreTokensThanTheBound) {
  std::string target = TokenOf(AuthorityA());
  for (std::size_t i = 0; i < limits::kReleaseTokens; ++i) target += ",x";
  SetPolicy(BranchOf(kIssuerA, kTest));
  EXPECT_EQ(Verdict(target), "TooManyTokens");
}

}  // namespace
}  // namespace assay::release
