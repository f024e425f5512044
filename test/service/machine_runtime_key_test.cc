// A machine's runtime key: in its token if the TPM vouches for it, and refused with a reason if
// not.
#include <gtest/gtest.h>

#include "release/runtime_key.h"
#include "service/watched_service.h"
#include "simulate/tpm_certify.h"

namespace assay {
namespace {

using simulate::kSealingAttributes;

constexpr std::uint32_t kFixedTpm = 1U << 1U, kFixedParent = 1U << 4U, kSensitiveOrigin = 1U << 5U,
                        kRestricted = 1U << 16U, kDecrypt = 1U << 17U, kSign = 1U << 18U;

const SigningKey& RsaKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  return key;
}

Bytes AreaWith(std::uint32_t attributes) {
  return simulate::RsaArea(RsaKey().Public().value(), attributes, {});
}

class MachineRuntimeKey : public testing::Test {
 protected:
  // Evidence with certified keys.
  HttpResponse Send(const std::string& nonce, json::Array certified) {
    json::Object evidence =
        *json::Parse(machine_.Answer(Base64UrlDecode(nonce).value()).value())->AsObject();
    evidence.emplace_back("certified_keys", std::move(certified));
    return service_.Post(id_, nonce, json::Write(evidence));
  }
  HttpResponse AttestWith(View area) {
    const std::string nonce = service_.Nonce(id_);
    return Send(nonce, {machine_.Certify(area, Base64UrlDecode(nonce).value()).value()});
  }
  std::string OutcomeWith(View area) { return service_.Outcome(AttestWith(area)); }

  WatchedService service_;
  simulate::SimulatedMachine machine_ = simulate::SimulatedMachine::Make().value();
  const std::string id_ = service_.Enrol(machine_);
};

TEST_F(MachineRuntimeKey, StandsInTheTokenWhereReleasesLookForIt) {
  const HttpResponse response = AttestWith(AreaWith(kSealingAttributes));
  const json::Value claims = TokenClaims(response, service_.service());
  const auto key = release::FindRuntimeKey(claims);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->kid, Thumbprint(RsaKey()).value());
  const PublicParameters parts = RsaKey().Public().value();
  EXPECT_EQ(*claims.Find("x-ms-runtime")->Find("keys")->AsArray()->front().Find("n")->AsString(),
            Base64UrlEncode(parts.n));
  EXPECT_EQ(key->key.SpkiDigest(), RsaPublicKey(parts.n, parts.e)->SpkiDigest());
}

TEST_F(MachineRuntimeKey, IsNotInTheTokenOfAMachineThatSendsNone) {
  const json::Value claims = TokenClaims(service_.Attest(id_, machine_), service_.service());
  EXPECT_EQ(claims.Find("x-ms-runtime"), nullptr);
}

TEST_F(MachineRuntimeKey, HasToBeMadeInTheTpmAndStayThere) {
  for (const std::uint32_t bit : {kFixedTpm, kFixedParent, kSensitiveOrigin}) {
    EXPECT_EQ(OutcomeWith(AreaWith(kSealingAttributes & ~bit)),
              "EvidenceNotTrusted runtime_key.origin");
  }
}

TEST_F(MachineRuntimeKey, HasToDecryptAndNothingElse) {
  for (const std::uint32_t attributes :
       {kSealingAttributes | kSign, kSealingAttributes | kRestricted,
        kSealingAttributes & ~kDecrypt}) {
    EXPECT_EQ(OutcomeWith(AreaWith(attributes)), "EvidenceNotTrusted runtime_key.purpose");
  }
}

TEST_F(MachineRuntimeKey, HasToBeRsaAndStrong) {
  const VendorKey ec = VendorKey::Generate(VendorKeyType::kP256).value();
  EXPECT_EQ(OutcomeWith(simulate::EccArea(ec, kSealingAttributes).value()),
            "EvidenceNotTrusted runtime_key.type");
  PublicParameters weak = RsaKey().Public().value();
  weak.n.resize(128);
  weak.n.back() |= std::byte{1};
  const HttpResponse refused = AttestWith(simulate::RsaArea(weak, kSealingAttributes, {}));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_NE(refused.body.find("2048"), std::string::npos) << refused.body;
}

TEST_F(MachineRuntimeKey, HasToBeTheOnlyOne) {
  const std::string nonce = service_.Nonce(id_);
  const json::Value one =
      machine_.Certify(AreaWith(kSealingAttributes), Base64UrlDecode(nonce).value()).value();
  EXPECT_EQ(service_.Outcome(Send(nonce, {one, one})), "EvidenceNotTrusted runtime_key.single");
}

TEST_F(MachineRuntimeKey, HasToBeCertifiedForThisChallengeByThisMachine) {
  const Bytes area = AreaWith(kSealingAttributes);
  const std::string nonce = service_.Nonce(id_);
  const Bytes asked = Base64UrlDecode(nonce).value();
  const json::Value stale = machine_.Certify(area, Bytes(32, std::byte{1})).value();
  EXPECT_EQ(service_.Outcome(Send(nonce, {stale})), "EvidenceNotTrusted certified_key.nonce");
  const auto other = simulate::SimulatedMachine::Make().value();
  EXPECT_EQ(service_.Outcome(Send(nonce, {other.Certify(area, asked).value()})),
            "EvidenceNotTrusted certified_key.signature");
  json::Object exchanged = *machine_.Certify(area, asked)->AsObject();
  for (json::Member& member : exchanged) {
    if (member.first == "public") {
      member.second = Base64UrlEncode(AreaWith(kSealingAttributes | (1U << 6U)));
    }
  }
  EXPECT_EQ(service_.Outcome(Send(nonce, {exchanged})), "EvidenceNotTrusted certified_key.name");
}

// The quote does not cover the key: who puts another one there says nothing of the machine.
TEST_F(MachineRuntimeKey, ThatIsRefusedMakesNoMachineDrift) {
  ASSERT_EQ(service_.Outcome(service_.Attest(id_, machine_)), "trusted");
  EXPECT_EQ(OutcomeWith(AreaWith(kSealingAttributes | kSign)),
            "EvidenceNotTrusted runtime_key.purpose");
  EXPECT_EQ(service_.State(id_), "trusted");
}

TEST_F(MachineRuntimeKey, BesideAnAttestationKeyOffItsCurveIsRefusedAndCrashesNothing) {
  const std::string nonce = service_.Nonce(id_);
  const Bytes asked = Base64UrlDecode(nonce).value();
  json::Object evidence = *json::Parse(machine_.Answer(asked).value())->AsObject();
  Bytes area = machine_.ak_area();
  area.back() ^= std::byte{1};
  for (json::Member& member : evidence) {
    if (member.first == "ak") member.second = Base64UrlEncode(area);
  }
  evidence.emplace_back("certified_keys",
                        json::Array{machine_.Certify(AreaWith(kSealingAttributes), asked).value()});
  EXPECT_EQ(service_.Outcome(service_.Post(id_, nonce, json::Write(evidence))),
            "EvidenceNotTrusted ak.enrolled quote.signature certified_key.signature");
}

}  // namespace
}  // namespace assay
