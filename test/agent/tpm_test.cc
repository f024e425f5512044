// The agent's TPM parts against a TPM in this process.
#include <gtest/gtest.h>

#include "agent/collect.h"
#include "agent/key_templates.h"
#include "agent/machine_keys.h"
#include "agent/soft_tpm.h"
#include "agent/tpm_acts.h"
#include "appraise/appraise.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/oaep.h"
#include "crypto/signing_key.h"
#include "guest/files.h"
#include "simulate/tpm_logs.h"
#include "support/temporary_folder.h"
#include "tee/tpm/structures.h"

namespace assay {
namespace {

using agent::AttestationKey;

class AgentTpm : public testing::Test {
 protected:
  // A simulated boot under Secure Boot, in the TPM and in files.
  void Boot() {
    const simulate::TpmLogs logs = simulate::MakeTpmLogs({});
    ReplayBoot(tpm_, logs.event_log, simulate::ImaListOf(logs));
    paths_ = {folder_.path() + "/event_log", folder_.path() + "/ima_log"};
    ASSERT_TRUE(WriteFile(paths_.event_log, logs.event_log));
    ASSERT_TRUE(WriteFile(paths_.ima_log, simulate::ImaListOf(logs)));
  }

  AttestationKey Key() { return agent::OpenAttestationKey(tpm_, {}).value(); }

  agent::TpmKey RuntimeKey(agent::Tpm& tpm) {
    return agent::TpmKey::CreatePrimary(tpm, agent::RuntimeKeyTemplate(), agent::Hierarchy::kNull)
        .value();
  }

  // The checks that fail, or "trusted".
  std::string Judge(const std::string& document, View ak, View nonce) {
    Appraiser appraiser(TrustedRoots{});
    Expectations expectations;
    expectations.runtime_key = true;
    expectations.report_data = ToBytes(nonce);
    expectations.enrolled_aks = {tpm::ParsePublicArea(ak)->Name()};
    const auto verdict =
        appraiser.Appraise(AsBytes(document), "tpm", Collateral{}, expectations, Time{});
    if (!verdict) return verdict.error().message;
    std::string out;
    for (const Check& check : verdict->checks) {
      if (check.outcome == Outcome::kFail) out += std::string(check.name) + " ";
    }
    return verdict->trusted ? "trusted" : out;
  }

  TemporaryFolder folder_;
  SoftTpm soft_;
  tpm2::Tpm tpm_ = tpm2::Tpm::Over(soft_.transport()).value();
  agent::LogPaths paths_;
  const Bytes nonce_ = Bytes(32, std::byte{0x5A});
};

TEST_F(AgentTpm, EvidenceOfABootIsTrusted) {
  Boot();
  const AttestationKey ak = Key();
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_).value();
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  EXPECT_EQ(Judge(document, collected.ak, nonce_), "trusted");
}

TEST_F(AgentTpm, VouchesForItsRuntimeKey) {
  Boot();
  const agent::TpmKey runtime_key = RuntimeKey(tpm_);
  const AttestationKey ak = Key();
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_, {&runtime_key, {}}).value();
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  EXPECT_NE(document.find("certified_keys"), std::string::npos);
  EXPECT_EQ(Judge(document, collected.ak, nonce_), "trusted");
  EXPECT_EQ(Judge(document, collected.ak, Bytes(32, std::byte{1})),
            "quote.nonce certified_key.nonce ");
}

TEST_F(AgentTpm, BindsDataBesideTheChallenge) {
  Boot();
  const AttestationKey ak = Key();
  const Bytes data = ToBytes(AsBytes("a certification request"));
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_, {nullptr, data}).value();
  EXPECT_EQ(Judge(agent::EvidenceDocument(collected, {}).value(), collected.ak, nonce_), "trusted");
  auto other = collected;
  other.bound = ToBytes(AsBytes("another"));
  EXPECT_EQ(Judge(agent::EvidenceDocument(other, {}).value(), collected.ak, nonce_),
            "quote.nonce ");
}

TEST_F(AgentTpm, OpensWhatIsWrappedToItsRuntimeKeyUntilTheNextBoot) {
  const Bytes area = RuntimeKey(tpm_).public_area();
  // Nothing is stored: another process makes the same key.
  const agent::TpmKey again = RuntimeKey(tpm_);
  EXPECT_EQ(again.public_area(), area);
  const tpm::PublicArea parsed = tpm::ParsePublicArea(area).value();
  const Bytes secret(32, std::byte{0x42});
  const Bytes sealed = EncryptOaep(parsed.key, OaepHash::kSha256, {}, secret).value();
  EXPECT_EQ(ToBytes(agent::DecryptOaep(tpm_, again, sealed).value().view()), secret);
  const Bytes by_sha1 = EncryptOaep(parsed.key, OaepHash::kSha1, {}, secret).value();
  EXPECT_FALSE(agent::DecryptOaep(tpm_, again, by_sha1));
}

TEST_F(AgentTpm, HasAnotherRuntimeKeyAfterEachBoot) {
  const Bytes before = RuntimeKey(tpm_).public_area();
  soft_.Reboot();
  agent::Tpm rebooted = agent::Tpm::Over(soft_.transport()).value();
  EXPECT_NE(RuntimeKey(rebooted).public_area(), before);
}

TEST_F(AgentTpm, WhatWasMeasuredAfterTheLogsIsSeen) {
  Boot();
  ExtendPcr(tpm_, 4, Sha256(AsBytes("another boot loader")));
  const AttestationKey ak = Key();
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_).value();
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  EXPECT_EQ(Judge(document, collected.ak, nonce_), "event_log.replay ");
}

TEST_F(AgentTpm, TheQuoteAnswersThisNonceOnly) {
  Boot();
  const AttestationKey ak = Key();
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_).value();
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  EXPECT_EQ(Judge(document, collected.ak, Bytes(32, std::byte{1})), "quote.nonce ");
}

TEST_F(AgentTpm, AMissingLogIsLeftOutForTheServiceToJudge) {
  Boot();
  const AttestationKey ak = Key();
  const auto collected =
      agent::CollectTpm(tpm_, ak, nonce_, {folder_.path() + "/no", paths_.ima_log}).value();
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  EXPECT_EQ(document.find("event_log"), std::string::npos);
  EXPECT_EQ(Judge(document, collected.ak, nonce_), "event_log.present ");
}

TEST_F(AgentTpm, MakesTheSameKeyAfterEachBoot) {
  const Bytes before = Key().key.public_area();
  const std::string machine = Key().machine;
  soft_.Reboot();
  tpm2::Tpm again = tpm2::Tpm::Over(soft_.transport()).value();
  const AttestationKey after = agent::OpenAttestationKey(again, {}).value();
  EXPECT_EQ(after.key.public_area(), before);
  EXPECT_EQ(after.machine, machine);
  EXPECT_EQ(machine.size(), 32U);
}

TEST_F(AgentTpm, EachTpmHasAnotherKey) {
  const Bytes first = Key().key.public_area();
  soft_.Replace();
  tpm2::Tpm other = tpm2::Tpm::Over(soft_.transport()).value();
  EXPECT_NE(agent::OpenAttestationKey(other, {}).value().key.public_area(), first);
}

TEST_F(AgentTpm, CountsTheResetOfEachBoot) {
  const auto resets = [this](tpm2::Tpm& tpm) {
    const AttestationKey ak = agent::OpenAttestationKey(tpm, {}).value();
    const auto quote = agent::MakeQuote(tpm, ak.key, nonce_, {0}).value();
    return tpm::ParseQuote(quote.message)->reset_count;
  };
  const std::uint32_t before = resets(tpm_);
  soft_.Reboot();
  tpm2::Tpm again = tpm2::Tpm::Over(soft_.transport()).value();
  EXPECT_EQ(resets(again), before + 1);
}

TEST_F(AgentTpm, OpensACredentialThatWasMadeForItsKeys) {
  for (const agent::EkTemplate& form :
       {agent::EkRsa2048(), agent::EkEccP256(), agent::EkEccP384()}) {
    const agent::TpmKey ek = agent::TpmKey::CreatePrimary(tpm_, form.area).value();
    const Bytes secret = Bytes(32, std::byte{0x77});
    const AttestationKey ak = Key();
    const Bytes name = tpm::ParsePublicArea(ak.key.public_area())->Name();
    const Credential made = MakeCredential(tpm_, ek.public_area(), name, secret);
    EXPECT_EQ(agent::ActivateCredential(tpm_, ak.key, ek, made.blob, made.secret).value(), secret)
        << form.name;
  }
}

TEST_F(AgentTpm, ACredentialForAnotherKeyStaysShut) {
  const agent::TpmKey ek = agent::TpmKey::CreatePrimary(tpm_, agent::EkRsa2048().area).value();
  const AttestationKey ak = Key();
  Bytes name = tpm::ParsePublicArea(ak.key.public_area())->Name();
  name.back() ^= std::byte{1};
  const Credential made = MakeCredential(tpm_, ek.public_area(), name, Bytes(32));
  const auto opened = agent::ActivateCredential(tpm_, ak.key, ek, made.blob, made.secret);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().hint,
            "the credential was made for another attestation key or another TPM");
  // And nothing is left behind that would fill the TPM's slots for sessions.
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(agent::ActivateCredential(tpm_, ak.key, ek, made.blob, made.secret));
  }
  name.back() ^= std::byte{1};
  const Credential good = MakeCredential(tpm_, ek.public_area(), name, Bytes(32));
  EXPECT_TRUE(agent::ActivateCredential(tpm_, ak.key, ek, good.blob, good.secret));
}

TEST_F(AgentTpm, ACredentialWithTrailingBytesIsNone) {
  const agent::TpmKey ek = agent::TpmKey::CreatePrimary(tpm_, agent::EkRsa2048().area).value();
  const AttestationKey ak = Key();
  const Bytes name = tpm::ParsePublicArea(ak.key.public_area())->Name();
  Credential made = MakeCredential(tpm_, ek.public_area(), name, Bytes(32));
  made.blob.push_back(std::byte{0});
  EXPECT_FALSE(agent::ActivateCredential(tpm_, ak.key, ek, made.blob, made.secret));
}

TEST_F(AgentTpm, ReadsAnNvIndexLargerThanOneCommand) {
  Bytes content(2000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i * 7);
  WriteNv(tpm_, 0x01800001, content);
  EXPECT_EQ(tpm_.ReadNv(0x01800001).value(), content);
  EXPECT_EQ(tpm_.ReadNv(0x01800002).value(), std::nullopt);
}

TEST_F(AgentTpm, WithoutEkCertificateTheKeyOfTheTemplateIsTaken) {
  const agent::EndorsementKey ek = agent::OpenEndorsementKey(tpm_).value();
  EXPECT_TRUE(ek.certificates.empty());
  EXPECT_EQ(ek.key.public_area(),
            agent::TpmKey::CreatePrimary(tpm_, agent::EkRsa2048().area)->public_area());
}

TEST_F(AgentTpm, ACertificateForAnotherEndorsementKeyIsToldBeforeItIsSent) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "another EK";
  const auto certificate = IssueCertificate(key, request, key, nullptr).value();
  WriteNv(tpm_, agent::EkRsa2048().certificate_index, certificate->der());
  const auto ek = agent::OpenEndorsementKey(tpm_);
  ASSERT_FALSE(ek);
  EXPECT_NE(ek.error().message.find("is for another key"), std::string::npos);
}

TEST_F(AgentTpm, AnotherKeyAtTheUsualHandleIsPassedOver) {
  Persist(tpm_, agent::EkEccP256().area, agent::EkRsa2048().persistent_handle);
  // No certificate says which key it is: then the handle counts.
  EXPECT_NE(agent::OpenEndorsementKey(tpm_)->key.public_area(),
            agent::TpmKey::CreatePrimary(tpm_, agent::EkRsa2048().area)->public_area());
}

TEST_F(AgentTpm, AKeyThatIsKeptInTheTpmCanAttest) {
  Boot();
  Persist(tpm_, agent::AttestationKeyTemplate(), 0x81000003);
  const AttestationKey ak = agent::OpenAttestationKey(tpm_, {.ak_handle = 0x81000003}).value();
  EXPECT_NE(ak.machine, Key().machine);  // of the owner's hierarchy
  const auto collected = agent::CollectTpm(tpm_, ak, nonce_, paths_).value();
  EXPECT_EQ(Judge(agent::EvidenceDocument(collected, {}).value(), collected.ak, nonce_), "trusted");
}

TEST_F(AgentTpm, ACertificateForAnotherAttestationKeyIsRefused) {
  Persist(tpm_, agent::AttestationKeyTemplate(), 0x81000003);
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "another AK";
  WriteNv(tpm_, 0x01C101D0, IssueCertificate(key, request, key, nullptr).value()->der());
  const auto ak = agent::OpenAttestationKey(
      tpm_, {.ak_handle = 0x81000003, .ak_certificate_index = 0x01C101D0});
  ASSERT_FALSE(ak);
  EXPECT_EQ(ak.error().hint, "--ak-handle and --ak-cert-nv must belong together");
}

TEST_F(AgentTpm, AnAbsentHandleIsNamed) {
  const auto ak = agent::OpenAttestationKey(tpm_, {.ak_handle = 0x81000009});
  ASSERT_FALSE(ak);
  EXPECT_EQ(ak.error().message, "TPM: there is no key at handle 0x81000009");
}

TEST_F(AgentTpm, ATooLongNonceIsRefused) {
  const AttestationKey ak = Key();
  EXPECT_FALSE(agent::MakeQuote(tpm_, ak.key, Bytes(100), {0}));
}

}  // namespace
}  // namespace assay
