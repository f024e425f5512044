// The program, against a software TPM with an EK certificate and a service.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "agent/child.h"
#include "agent/key_templates.h"
#include "agent/machine_keys.h"
#include "agent/stand_in.h"
#include "agent/tpm_acts.h"
#include "base/encoding.h"
#include "guest/files.h"
#include "simulate/tpm_logs.h"
#include "support/temporary_folder.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/structures.h"

namespace assay {
namespace {

using std::chrono::seconds;
using Arguments = std::vector<std::string>;

class AgentProgram : public testing::Test {
 protected:
  AgentProgram() { Boot(); }

  std::string File(const std::string& name) const { return folder_.path() + "/" + name; }

  void Boot() {
    const simulate::TpmLogs logs = simulate::MakeTpmLogs({});
    auto tpm = tpm2::Tpm::Open(swtpm_.tcti()).value();
    ima_log_ = simulate::ImaListOf(logs);
    ReplayBoot(tpm, logs.event_log, ima_log_);
    EXPECT_TRUE(WriteFile(File("event_log"), logs.event_log));
    EXPECT_TRUE(WriteFile(File("ima_log"), ima_log_));
  }

  // The kernel measures a file: another entry of the list, and PCR 10.
  void Measure() {
    const auto entries = tpm::ParseImaLog(ima_log_).value();
    const tpm::ImaEntry& one = entries.back();
    const auto begin = static_cast<std::size_t>(one.template_digest.data() - ima_log_.data()) - 4;
    const Bytes entry = ToBytes(View(ima_log_).subspan(begin));
    const Sha256Digest digest = Sha256(one.template_data);
    Append(ima_log_, entry);
    EXPECT_TRUE(WriteFile(File("ima_log"), ima_log_));
    auto tpm = tpm2::Tpm::Open(swtpm_.tcti()).value();
    ExtendPcr(tpm, tpm::kImaPcr, digest);
  }

  // The changed boot loader of an attack.
  void Tamper() {
    auto tpm = tpm2::Tpm::Open(swtpm_.tcti()).value();
    ExtendPcr(tpm, 4, Sha256(AsBytes("another boot loader")));
  }

  Arguments Command(const std::string& verb, const Arguments& more = {}) const {
    Arguments out = {ASSAY_AGENT_PROGRAM, verb,        "--tcti",       swtpm_.tcti(), "--event-log",
                     File("event_log"),   "--ima-log", File("ima_log")};
    if (verb != "collect") {
      out.insert(out.end(), {"--server", service_.url(), "--ca", service_.ca()});
    }
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  struct Ended {
    int code;
    std::string output, errors;
  };
  Ended Run(const std::string& verb, const Arguments& more = {}) {
    Child child(Command(verb, more), folder_.path());
    const int code = child.Wait();
    return {code, child.Output(), child.Errors()};
  }

  void Enrol() {
    const Ended ended = Run("enroll");
    ASSERT_EQ(ended.code, 0) << ended.errors;
  }

  TemporaryFolder folder_;
  Swtpm swtpm_{folder_.path()};
  StandIn service_{folder_.path()};
  Bytes ima_log_;
};

TEST_F(AgentProgram, EnrolsByItsEndorsementCertificateAndAttests) {
  const Ended enrolled = Run("enroll", {"--name", "web-1"});
  EXPECT_EQ(enrolled.code, 0) << enrolled.errors;
  EXPECT_NE(enrolled.output.find(": trusted"), std::string::npos);
  EXPECT_EQ(service_.seen().enrolled, 1U);
  EXPECT_EQ(service_.seen().ek_certificates, 1U);
  EXPECT_EQ(service_.seen().last_name, "web-1");
  const Ended attested = Run("attest");
  EXPECT_EQ(attested.code, 0) << attested.errors;
  EXPECT_EQ(attested.output, "aaa.bbb.ccc\n");
  EXPECT_EQ(service_.seen().attested, 1U);
}

TEST_F(AgentProgram, PrintsTheWholeAnswerAsJson) {
  Enrol();
  const Ended ended = Run("attest", {"--json"});
  const auto answer = json::Parse(ended.output);
  ASSERT_TRUE(answer) << ended.output;
  EXPECT_EQ(*answer->Find("token")->AsString(), "aaa.bbb.ccc");
  EXPECT_EQ(*answer->Find("state")->AsString(), "trusted");
}

TEST_F(AgentProgram, SaysThatItMustEnrolFirst) {
  const Ended ended = Run("attest");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.errors.find("assay-agent enroll"), std::string::npos);
  EXPECT_EQ(ended.output, "");
}

TEST_F(AgentProgram, IsRefusedAfterTamperingAndSaysByWhichCheck) {
  Enrol();
  Tamper();
  const Ended ended = Run("attest");
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.output, "");
  EXPECT_NE(ended.errors.find("event_log.replay: expected"), std::string::npos) << ended.errors;
  EXPECT_EQ(service_.seen().last_denial, "event_log.replay ");
}

TEST_F(AgentProgram, IsTheSameMachineAfterAReboot) {
  Enrol();
  swtpm_.PowerOff();
  swtpm_.PowerOn();
  Boot();
  EXPECT_EQ(Run("attest").code, 0);
  EXPECT_EQ(service_.seen().enrolled, 1U);
}

TEST_F(AgentProgram, SendsOnlyWhatTheServiceDoesNotKnow) {
  Enrol();
  ASSERT_EQ(Run("attest").code, 0);
  service_.KnowLogsOfLastAttestation();
  Measure();
  ASSERT_EQ(Run("attest").code, 0) << service_.seen().last_denial;
  const json::Value second = json::Parse(service_.seen().last_evidence).value();
  EXPECT_EQ(*second.Find("ima_from")->AsInt(), 3);
  EXPECT_NE(second.Find("event_log_sha256"), nullptr);
  EXPECT_EQ(second.Find("event_log"), nullptr);
  const auto rest = Base64UrlDecode(*second.Find("ima_log")->AsString()).value();
  EXPECT_EQ(tpm::ParseImaLog(rest)->size(), 1U);
  // Another boot: what was known of the list is of no use.
  swtpm_.PowerOff();
  swtpm_.PowerOn();
  Boot();
  ASSERT_EQ(Run("attest").code, 0);
  const json::Value third = json::Parse(service_.seen().last_evidence).value();
  EXPECT_EQ(third.Find("ima_from"), nullptr);
  EXPECT_NE(third.Find("event_log_sha256"), nullptr);
}

TEST_F(AgentProgram, SendsEverythingWhenTheServiceHasForgotten) {
  Enrol();
  ASSERT_EQ(Run("attest").code, 0);
  service_.KnowLogsOfLastAttestation();
  service_.ForgetLogs();
  ASSERT_EQ(Run("attest").code, 0);
  const json::Value evidence = json::Parse(service_.seen().last_evidence).value();
  EXPECT_EQ(evidence.Find("ima_from"), nullptr);
  EXPECT_NE(evidence.Find("event_log"), nullptr);
}

TEST_F(AgentProgram, ACredentialForAnotherKeyEnrolsNothing) {
  service_.WrongCredentials();
  const Ended ended = Run("enroll");
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.errors.find("made for another attestation key"), std::string::npos);
  EXPECT_EQ(service_.seen().enrolled, 0U);
}

TEST_F(AgentProgram, AKeyWithACertificateEnrolsByAQuote) {
  {
    auto tpm = tpm2::Tpm::Open(swtpm_.tcti()).value();
    Persist(tpm, agent::AttestationKeyTemplate(), 0x81000003);
    const auto key = agent::TpmKey::Persistent(tpm, 0x81000003).value();
    WriteNv(tpm, 0x01C101D0, CertificateFor(tpm::ParsePublicArea(key.public_area())->key));
  }
  const Arguments options = {"--ak-handle", "0x81000003", "--ak-cert-nv", "0x01C101D0"};
  const Ended enrolled = Run("enroll", options);
  EXPECT_EQ(enrolled.code, 0) << enrolled.errors;
  EXPECT_EQ(service_.seen().ak_certificates, 1U);
  EXPECT_EQ(service_.seen().ek_certificates, 0U);
  EXPECT_EQ(Run("attest", options).code, 0);
  const json::Value evidence = json::Parse(service_.seen().last_evidence).value();
  EXPECT_EQ(evidence.Find("ak_certificates")->AsArray()->size(), 1U);
}

TEST_F(AgentProgram, SendsTheBearerTokenOfAFile) {
  ASSERT_TRUE(WriteFile(File("bearer"), AsBytes("a.bearer.token\n")));
  EXPECT_EQ(Run("enroll", {"--token", File("bearer")}).code, 0);
  EXPECT_EQ(service_.seen().last_authorization, "Bearer a.bearer.token");
  ASSERT_TRUE(WriteFile(File("bearer"), AsBytes("two\nlines\n")));
  EXPECT_EQ(Run("enroll", {"--token", File("bearer")}).code, 2);
}

TEST_F(AgentProgram, TellsAnUnreachableServiceFromARefusal) {
  service_.Stop();
  const Ended ended = Run("attest");
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.errors.find("is the service running"), std::string::npos) << ended.errors;
}

TEST_F(AgentProgram, CollectsEvidenceThatVerifiesWithoutTheService) {
  const Ended ended =
      Run("collect", {"--nonce", std::string(64, 'a'), "--json", "--out", File("evidence.json")});
  ASSERT_EQ(ended.code, 0) << ended.errors;
  const json::Value told = json::Parse(ended.output).value();
  Appraiser appraiser(TrustedRoots{});
  Expectations expectations;
  expectations.report_data = Bytes(32, std::byte{0xAA});
  expectations.enrolled_aks = {HexDecode(*told.Find("ak_name")->AsString()).value()};
  const Bytes evidence = ReadFile(File("evidence.json"), 1U << 20U).value();
  EXPECT_TRUE(appraiser.Appraise(evidence, "", Collateral{}, expectations, Time{})->trusted);
  expectations.report_data = Bytes(32, std::byte{0xBB});
  EXPECT_FALSE(appraiser.Appraise(evidence, "", Collateral{}, expectations, Time{})->trusted);
}

TEST_F(AgentProgram, RunsAProgramWithTheTokenOnADescriptor) {
  Enrol();
  const Ended ended =
      Run("exec", {"--", "sh", "-c", "cat <&$ASSAY_TOKEN_FD; echo \"[$ASSAY_TOKEN]\"; exit 7"});
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.output, "aaa.bbb.ccc[]\n") << ended.errors;
}

TEST_F(AgentProgram, RunsAProgramWithTheTokenInItsEnvironmentIfAsked) {
  Enrol();
  const Ended ended =
      Run("exec", {"--token-env", "--", "sh", "-c", "echo \"$ASSAY_TOKEN[$ASSAY_TOKEN_FD]\""});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.output, "aaa.bbb.ccc[]\n");
}

TEST_F(AgentProgram, RunsNothingOnAMachineThatIsNotTrusted) {
  Enrol();
  Tamper();
  const Ended ended = Run("exec", {"--", "touch", File("ran")});
  EXPECT_EQ(ended.code, 1);
  EXPECT_FALSE(std::filesystem::exists(File("ran")));
}

TEST_F(AgentProgram, WatchesEnrolsByItselfAndEndsWhenTold) {
  Child watch(Command("watch"), folder_.path());
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested >= 3; }));
  EXPECT_EQ(service_.seen().enrolled, 1U);
  watch.Signal(SIGTERM);
  EXPECT_EQ(watch.Wait(), 0);
  EXPECT_EQ(watch.Output().find("aaa.bbb"), std::string::npos);  // no token in the journal
}

TEST_F(AgentProgram, WatchAttestsAsSoonAsItIsAsked) {
  service_.SetNextIn(600);
  service_.LetWait();
  Child watch(Command("watch"), folder_.path());
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().waits >= 1; }));
  EXPECT_EQ(service_.seen().attested, 1U);
  service_.AskToAttest();
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested == 2; }));
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().waits >= 2; }));
  // While it waits there is nothing to finish.
  watch.Signal(SIGTERM);
  EXPECT_EQ(watch.Wait(), 0);
}

TEST_F(AgentProgram, WatchSurvivesAnOutage) {
  Child watch(Command("watch"), folder_.path());
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().attested >= 1; }));
  service_.Stop();
  ASSERT_TRUE(Within(seconds(20), [&] {
    return watch.Errors().find("connecting") != std::string::npos;
  })) << watch.Errors();
  EXPECT_TRUE(watch.Running());
  const unsigned before = service_.seen().attested;
  service_.Start();
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested > before; }));
  EXPECT_EQ(service_.seen().enrolled, 1U);
}

TEST_F(AgentProgram, WatchEnrolsAnewWhenItIsForgotten) {
  Child watch(Command("watch"), folder_.path());
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().attested >= 1; }));
  const unsigned before = service_.seen().attested;
  service_.Forget();
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested > before; }));
  EXPECT_EQ(service_.seen().enrolled, 2U);
}

TEST_F(AgentProgram, WatchAnswersAnExpiredNonceWithANewChallenge) {
  service_.ExpireNextNonces(2);
  Child watch(Command("watch"), folder_.path());
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested >= 1; }));
  EXPECT_NE(watch.Errors().find("410 NonceExpired"), std::string::npos);
}

TEST_F(AgentProgram, WatchGoesOnAfterADenialAndIsTrustedAgainAfterAReboot) {
  Child watch(Command("watch"), folder_.path());
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().attested >= 1; }));
  const auto tampered = std::chrono::steady_clock::now();
  Tamper();
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().denied >= 1; }));
  const auto refused = std::chrono::steady_clock::now() - tampered;
  EXPECT_LT(refused, seconds(5));
  ASSERT_TRUE(Within(seconds(20), [&] { return service_.seen().denied >= 2; }));
  swtpm_.PowerOff();
  const unsigned before = service_.seen().attested;
  swtpm_.PowerOn();
  Boot();
  EXPECT_TRUE(Within(seconds(20), [&] { return service_.seen().attested > before; }));
  EXPECT_TRUE(watch.Running());
}

TEST_F(AgentProgram, MistakesInOptionsAreToldAtOnce) {
  Child watch({ASSAY_AGENT_PROGRAM, "watch", "--server", "http://assay.example"}, folder_.path());
  EXPECT_EQ(watch.Wait(), 2);
  EXPECT_NE(watch.Errors().find("it is not https"), std::string::npos);
  EXPECT_EQ(Run("attest", {"--ak-handle", "0x01000000"}).code, 2);
  EXPECT_EQ(Run("attest", {"--ak-cert-nv", "0x01C101D0"}).code, 2);
  EXPECT_EQ(Run("attest", {"--provider", "a/b"}).code, 2);
}

}  // namespace
}  // namespace assay
