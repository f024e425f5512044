// What machines do, on the record.
#include <gtest/gtest.h>

#include "crypto/signing_request.h"
#include "service/recorded_ledger.h"
#include "service/watched_service.h"

namespace assay {
namespace {

using ledger::RecordKind;
using ledger::RecordVerdict;

// Of what a machine does.
class MachineOnRecord : public ::testing::Test {
 protected:
  ledger::Record At(std::uint64_t index) {
    return *ledger_.service().ledger().Read(index).value().record;
  }

  RecordedLedger ledger_;
  WatchedService service_{{}, &ledger_.service()};
  simulate::SimulatedMachine machine_{simulate::SimulatedMachine::Make().value()};
};

TEST_F(MachineOnRecord, AreItsAttestationsAndItsDrift) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  EXPECT_EQ(ledger_.Last().kind, RecordKind::kAttestation);
  EXPECT_EQ(ledger_.Last().subject, "machine " + id);
  simulate::TpmBoot changed;
  changed.command_line = "/vmlinuz ro init=/bin/sh";
  machine_.Boot(changed);
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "MachineDrifted PCR 8");
  const ledger::Record drift = ledger_.Last();
  EXPECT_EQ(drift.kind, RecordKind::kDrift);
  EXPECT_EQ(drift.verdict, RecordVerdict::kDenied);
  EXPECT_NE(drift.detail.find("PCR 8"), std::string::npos) << drift.detail;
}

TEST_F(MachineOnRecord, IsAnEnrolmentThatWasRefusedOrItIsNotAnswered) {
  const json::Value evidence = json::Parse(machine_.Answer(Bytes(32), {}).value()).value();
  const std::string nobody = Base64UrlEncode(MakeSigner().certificate->der());
  const std::string body = json::Write(
      json::Object{{"ak", *evidence.Find("ak")}, {"ak_certificates", json::Array{nobody}}});
  const auto enrol = [&] { return service_.Send("POST", "/machines:enroll", body); };
  const HttpResponse refused = enrol();
  EXPECT_EQ(refused.status, 403U) << refused.body;
  ASSERT_EQ(ledger_.size(), 1U);
  EXPECT_EQ(ledger_.Last().kind, RecordKind::kEnrolment);
  EXPECT_EQ(ledger_.Last().verdict, RecordVerdict::kDenied);
  EXPECT_FALSE(ledger_.Last().failed_checks.empty());
  EXPECT_EQ(ledger_.Last().evidence, Sha256(AsBytes(body)));
  ledger_.Break();
  EXPECT_EQ(ErrorCode(enrol()), "DecisionNotRecorded");
}

TEST_F(MachineOnRecord, IsTheCertificateItWasGiven) {
  const std::string id = service_.Enrol(machine_);
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const auto certify = [&] {
    const std::string nonce = service_.Nonce(id);
    const Bytes bound = MakeSigningRequest(key, {}).value();
    return service_.Send("POST", "/machines/" + id + ":certify",
                         machine_.Answer(Base64UrlDecode(nonce).value(), {}, bound).value(),
                         "nonce=" + nonce);
  };
  const std::uint64_t before = ledger_.size();
  ASSERT_EQ(certify().status, 200U);
  EXPECT_EQ(ledger_.size(), before + 1);
  EXPECT_EQ(ledger_.Last().kind, RecordKind::kAttestation);
  EXPECT_EQ(ledger_.Last().subject, "machine " + id);
  ledger_.Break();
  const HttpResponse refused = certify();
  EXPECT_EQ(ErrorCode(refused), "DecisionNotRecorded");
  EXPECT_EQ(refused.body.find("BEGIN CERTIFICATE"), std::string::npos);
}

TEST_F(MachineOnRecord, IsEachActOfManagementThatWasDone) {
  const std::string id = service_.Enrol(machine_);
  const std::uint64_t before = ledger_.size();
  EXPECT_EQ(service_.Send("GET", "/machines/" + id).status, 200U);
  EXPECT_EQ(service_.Send("POST", "/machines/none:revoke", "{}").status, 404U);
  EXPECT_EQ(ledger_.size(), before) << "nothing was done";
  const HttpResponse done = service_.Send("POST", "/machines/" + id + ":revoke", "{}");
  EXPECT_EQ(done.status, 200U);
  EXPECT_EQ(ledger_.size(), before + 1);
  EXPECT_EQ(ledger_.Last().kind, RecordKind::kAdministration);
  EXPECT_EQ(ledger_.Last().subject, "/machines/" + id + ":revoke");
  EXPECT_EQ(ledger_.Last().evidence, Sha256(AsBytes("{}")));
}

TEST_F(MachineOnRecord, OrTheActIsNotConfirmed) {
  const std::string id = service_.Enrol(machine_);
  ledger_.Break();
  EXPECT_EQ(service_.Send("POST", "/machines/" + id + ":revoke", "{}").status, 503U);
  EXPECT_EQ(service_.State(id), "revoked") << "it holds, and is confirmed when it is asked again";
  ledger_.Mend();
  EXPECT_EQ(service_.Send("POST", "/machines/" + id + ":revoke", "{}").status, 200U);
}

}  // namespace
}  // namespace assay
