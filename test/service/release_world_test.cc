// What a key release asks of the service around it: keys of authorities, machines, nonces.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "api/release_witness.h"
#include "service/providers.h"
#include "service/watched_service.h"

namespace assay {
namespace {

using release::MachineStanding;

constexpr const char* kOwn = "https://attest.example";

class ReleaseAuthoritiesOf : public testing::Test {
 protected:
  std::string KidAt(std::string_view provider) {
    const auto service = providers_.host.Find(provider).value();
    return KeyId(*service->PublishedSigners().front().certificate);
  }
  // `enum`: a helper of the fixtures has the name, too.
  enum ErrorCode CodeOf(const std::string& issuer, const std::string& kid) {
    const auto key = authorities_.Find(issuer, kid);
    EXPECT_FALSE(key);
    return key ? ErrorCode::kInternal : key.error().code;
  }

  Providers providers_;
  ReleaseAuthorities authorities_{providers_.root.service, &providers_.host, {}};
  const std::string a_ = "https://attest.example/providers/team-a";
  const std::string b_ = "https://attest.example/providers/team-b";
};

TEST_F(ReleaseAuthoritiesOf, AreTheOwnProvidersWithTheirOwnKeys) {
  const auto key = authorities_.Find(a_, KidAt("team-a"));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->algorithms, std::vector<JwsAlgorithm>{JwsAlgorithm::kEs256});
  const TokenSigner root = providers_.root.service.PublishedSigners().front();
  EXPECT_TRUE(authorities_.Find(kOwn, KeyId(*root.certificate)));
  EXPECT_TRUE(authorities_.Trusts(kOwn));
  EXPECT_TRUE(authorities_.Trusts(a_));
}

TEST_F(ReleaseAuthoritiesOf, HaveNoKeyOfEachOther) {
  EXPECT_EQ(CodeOf(a_, KidAt("team-b")), ErrorCode::kMissing);
  EXPECT_EQ(CodeOf(kOwn, KidAt("team-a")), ErrorCode::kMissing);
  EXPECT_EQ(CodeOf(a_, ""), ErrorCode::kMissing);
}

TEST_F(ReleaseAuthoritiesOf, AreNotThoseThatAreNotThere) {
  EXPECT_EQ(CodeOf("https://attest.example/providers/nobody", KidAt("team-a")),
            ErrorCode::kMissing);
  for (const char* other :
       {"https://attest.example/providers/", "https://attest.example/providers/a/b",
        "https://attest.example/providers/shared", "https://attest.example/providers/../x",
        "https://attest.example.evil", "https://attest.example/x", "https://other.example", ""}) {
    EXPECT_FALSE(authorities_.Trusts(other)) << other;
    EXPECT_EQ(CodeOf(other, KidAt("team-a")), ErrorCode::kMissing) << other;
  }
}

TEST_F(ReleaseAuthoritiesOf, AreOthersOnlyWhileTheyAreNamed) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const auto keys = std::make_shared<access::PinnedKeys>(
      std::vector<VerificationKey>{token_testing::Verifier(key, "k")});
  access::IssuerRule rule;
  rule.issuer = "https://other.example";
  authorities_.Replace({{rule, keys}});
  EXPECT_TRUE(authorities_.Trusts(rule.issuer));
  EXPECT_TRUE(authorities_.Find(rule.issuer, "k"));
  EXPECT_EQ(CodeOf(rule.issuer, "z"), ErrorCode::kMissing);
  authorities_.Replace({});
  EXPECT_FALSE(authorities_.Trusts(rule.issuer));
  EXPECT_EQ(CodeOf(rule.issuer, "k"), ErrorCode::kMissing);
}

TEST_F(ReleaseAuthoritiesOf, AreTheOwnOnesEvenIfAFileNamesThem) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  access::IssuerRule rule;
  rule.issuer = a_;
  authorities_.Replace({{rule, std::make_shared<access::PinnedKeys>(std::vector<VerificationKey>{
                                   token_testing::Verifier(key, "k")})}});
  EXPECT_EQ(CodeOf(a_, "k"), ErrorCode::kMissing);
  EXPECT_TRUE(authorities_.Find(a_, KidAt("team-a")));
}

class ReleaseWitnessOf : public testing::Test {
 protected:
  json::Value Attested() {
    id_ = service_.Enrol(machine_);
    return TokenClaims(service_.Attest(id_, machine_), service_.service());
  }
  MachineStanding Standing(const json::Value& claims, const std::string& issuer = kOwn) {
    return witness_.StandingOf(issuer, claims).value();
  }
  static json::Value Without(const json::Value& claims, std::string_view name) {
    json::Object out = *claims.AsObject();
    std::erase_if(out, [name](const json::Member& member) { return member.first == name; });
    return out;
  }
  bool Spend(const std::string& nonce, int seconds = 100, const std::string& kid = "k") {
    return witness_.SpendNonce(kid, nonce, service_.now + std::chrono::seconds{seconds}).value();
  }

  WatchedService service_;
  simulate::SimulatedMachine machine_ = simulate::SimulatedMachine::Make().value();
  std::string id_;
  std::unique_ptr<store::Store> nonces_ = store::NewMemoryStore();
  ReleaseAuthorities authorities_{service_.service(), nullptr, {}};
  ReleaseWitness witness_{authorities_, &service_.machines(), *nonces_,
                          [this] { return service_.now; }};
};

// A token of another way to attest names no machine, but its key.
TEST_F(ReleaseWitnessOf, KnowsAMachineByItsAttestationKeyAlone) {
  const json::Value claims = Without(Attested(), "x-assay-machine");
  EXPECT_EQ(*claims.Find("x-assay-ak")->AsString(), machine_.ak_spki());
  EXPECT_EQ(Standing(claims), MachineStanding::kTrusted);
  simulate::TpmBoot changed;
  changed.command_line = "/vmlinuz ro mitigations=off";
  machine_.Boot(changed);
  ASSERT_EQ(service_.Outcome(service_.Attest(id_, machine_)), "MachineDrifted PCR 8");
  EXPECT_EQ(Standing(claims), MachineStanding::kDrifted);
  ASSERT_TRUE(service_.fleet().Revoke(id_, "lost", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kRevoked);
}

TEST_F(ReleaseWitnessOf, DoesNotWatchAKeyThatNobodyEnrolled) {
  json::Object claims = *Without(Attested(), "x-assay-machine").AsObject();
  for (json::Member& member : claims) {
    if (member.first == "x-assay-ak") member.second = std::string(64, 'a');
  }
  EXPECT_EQ(Standing(json::Value(claims)), MachineStanding::kNotWatched);
  EXPECT_EQ(Standing(Without(json::Value(claims), "x-assay-ak")), MachineStanding::kNotWatched);
}

// Whatever a machine is at the provider of the token: it has fallen where it has fallen.
TEST_F(ReleaseWitnessOf, HearsOfAMachineFromEachProvider) {
  const json::Value claims = Attested();
  AttestServiceOptions options;
  options.fleet = "team-a";
  options.clock = options.evidence_clock = [this] { return service_.now; };
  Appraiser appraiser{TrustedRoots{}};
  FixedSource source{std::make_shared<const Collateral>()};
  AttestService team(appraiser, source, {MakeSigner()}, options);
  monitor::Fleet& other = service_.machines().FleetOf(team);
  ASSERT_TRUE(other.Enrol({machine_.ak_name(), machine_.ak_spki(), "", "ek-certificate", "ab", {}},
                          service_.now));
  // Pending there, and trusted here.
  EXPECT_EQ(Standing(claims), MachineStanding::kTrusted);
  EXPECT_EQ(Standing(Without(claims, "x-assay-machine")), MachineStanding::kTrusted);
  ASSERT_TRUE(other.Revoke(id_, "sold", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kRevoked);
  ASSERT_TRUE(other.Forget());
  EXPECT_EQ(Standing(claims), MachineStanding::kTrusted);
  // What its own provider waits for, no other makes good.
  ASSERT_TRUE(service_.fleet().Approve(id_, "", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kUnproven);
}

// Of a store that an older version wrote.
TEST_F(ReleaseWitnessOf, LearnsTheKeyOfAMachineThatWasEnrolledWithoutIt) {
  id_ =
      service_.fleet().Enrol({machine_.ak_name(), "", "", "first-use", "ab", {}}, service_.now)->id;
  ASSERT_TRUE(service_.fleet().Approve(id_, "", service_.now));
  const json::Value claims =
      Without(TokenClaims(service_.Attest(id_, machine_), service_.service()), "x-assay-machine");
  EXPECT_EQ(Standing(claims), MachineStanding::kTrusted);
  ASSERT_TRUE(service_.fleet().Revoke(id_, "lost", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kRevoked);
}

TEST_F(ReleaseWitnessOf, FollowsAMachineFromItsToken) {
  const json::Value claims = Attested();
  EXPECT_EQ(Standing(claims), MachineStanding::kTrusted);
  simulate::TpmBoot changed;
  changed.command_line = "/vmlinuz ro mitigations=off";
  machine_.Boot(changed);
  EXPECT_EQ(service_.Attest(id_, machine_).status, 403U);
  EXPECT_EQ(Standing(claims), MachineStanding::kDrifted);
  EXPECT_TRUE(service_.fleet().Approve(id_, "", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kUnproven);
  EXPECT_TRUE(service_.fleet().Revoke(id_, "stolen", service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kRevoked);
}

TEST_F(ReleaseWitnessOf, CallsASilentMachineUnproven) {
  const json::Value claims = Attested();
  const Time up_since = service_.now;
  service_.now += std::chrono::hours{1};
  EXPECT_TRUE(service_.machines().Inspect(up_since));
  EXPECT_EQ(service_.State(id_), "unreachable");
  EXPECT_EQ(Standing(claims), MachineStanding::kUnproven);
}

TEST_F(ReleaseWitnessOf, KnowsAMachineByItsNameOrItsKey) {
  const json::Value nameless = Without(Attested(), "x-assay-machine");
  EXPECT_EQ(Standing(nameless), MachineStanding::kTrusted);
  EXPECT_EQ(Standing(Without(nameless, "x-assay-ak")), MachineStanding::kNotWatched);
}

// What was proven before it was asked does not count any more.
TEST_F(ReleaseWitnessOf, WaitsForAMachineThatWasAsked) {
  const json::Value claims = Attested();
  ASSERT_TRUE(service_.fleet().Recheck(id_, std::chrono::seconds{60}, service_.now));
  EXPECT_EQ(Standing(claims), MachineStanding::kUnproven);
  EXPECT_EQ(Standing(Attested()), MachineStanding::kTrusted);
}

TEST_F(ReleaseWitnessOf, TakesAForgottenMachineForRevoked) {
  const json::Value claims = Attested();
  EXPECT_TRUE(service_.fleet().Forget());
  EXPECT_EQ(Standing(claims), MachineStanding::kRevoked);
}

TEST_F(ReleaseWitnessOf, KnowsNoMachinesOfOtherAuthorities) {
  const json::Value claims = Attested();
  EXPECT_TRUE(service_.fleet().Revoke(id_, "stolen", service_.now));
  EXPECT_EQ(Standing(claims, "https://other.example"), MachineStanding::kNotWatched);
}

TEST_F(ReleaseWitnessOf, LetsANonceBeSpentOnceForEachKey) {
  EXPECT_TRUE(Spend("n"));
  EXPECT_FALSE(Spend("n"));
  EXPECT_TRUE(Spend("n", 100, "k2"));
  EXPECT_TRUE(Spend("m"));
  // Key and nonce do not run into each other.
  EXPECT_TRUE(Spend("xy", 100, "k"));
  EXPECT_TRUE(Spend("y", 100, "kx"));
}

TEST_F(ReleaseWitnessOf, RemembersANonceUntilItsTime) {
  EXPECT_TRUE(Spend("n"));
  service_.now += std::chrono::seconds{99};
  EXPECT_FALSE(Spend("n"));
  service_.now += std::chrono::seconds{1};
  EXPECT_TRUE(Spend("n"));
  EXPECT_FALSE(Spend("n"));
}

TEST_F(ReleaseWitnessOf, ForgetsNoncesWhoseTimeIsOver) {
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(Spend(std::to_string(i)));
  service_.now += std::chrono::seconds{100};
  for (int i = 50; i < 60; ++i) EXPECT_TRUE(Spend(std::to_string(i)));
  const auto left = store::ScanAll(*nonces_, AsBytes("release-nonce"));
  ASSERT_TRUE(left);
  EXPECT_EQ(left->size(), 2U * 10U);
}

TEST_F(ReleaseWitnessOf, LetsOneOfManyThreadsSpendANonce) {
  std::atomic<int> spent{0};
  std::array<std::thread, 8> threads;
  for (std::thread& one : threads) {
    one = std::thread([&] { spent += Spend("n") ? 1 : 0; });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(spent.load(), 1);
}

}  // namespace
}  // namespace assay
