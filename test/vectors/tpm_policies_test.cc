// Policies in the form of Azure's documented samples for TPMs (azure-docs, attestation/
// tpm-attestation-sample-policies.md, policy-version-1-0.md to 1-2.md), against real boots.
#include <gtest/gtest.h>

#include "appraise/admission.h"
#include "tee/core/verify_cache.h"
#include "tee/tpm/scheme.h"
#include "token/maa_claims.h"
#include "vectors/tpm_samples.h"

namespace assay {
namespace {

using samples::Boot;
using samples::TrustedLaunch;

#define SKIP_WITHOUT_POLICY_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

struct Judging {
  std::unique_ptr<Parsed> parsed;
  VerifyCache cache;
  TrustedRoots roots;
  Collateral collateral;
};

std::string FailedChecks(const std::string& evidence, const Expectations& expectations) {
  Judging judging{kTpmScheme.parse(AsBytes(evidence)).value(), VerifyCache(), {}, {}};
  Trace trace;
  kTpmScheme.check(*judging.parsed,
                   {judging.collateral, judging.roots, expectations, Time{}, judging.cache}, trace);
  std::string out;
  for (const Check& check : trace.checks()) {
    if (check.outcome == Outcome::kFail) out += (out.empty() ? "" : " ") + std::string(check.name);
  }
  return out;
}

// What the service would put to the policy.
json::Object ClaimsFor(const policy::Policy& policy, const std::string& evidence,
                       Expectations expectations) {
  DemandFor(policy, policy::AttestationType::kTpm, expectations);
  EXPECT_EQ(FailedChecks(evidence, expectations), "");
  Judging judging{kTpmScheme.parse(AsBytes(evidence)).value(), VerifyCache(), {}, {}};
  return EvidenceClaims("tpm",
                        kTpmScheme.claims(*judging.parsed, {judging.collateral, judging.roots,
                                                            expectations, Time{}, judging.cache}),
                        false);
}

policy::Evaluation Judged(const std::string& text, const std::string& evidence,
                          Expectations expectations) {
  const policy::Policy policy = policy::Policy::Compile(text).value();
  return policy::Evaluate(
      policy, policy::ServiceClaims(ClaimsFor(policy, evidence, std::move(expectations))));
}

policy::Evaluation RunOnBoot(const std::string& text, const std::string& name) {
  const Boot boot = TrustedLaunch(name);
  Expectations expectations;
  expectations.enrolled_aks = {boot.ak_name};
  expectations.report_data = boot.nonce;
  expectations.allow_secure_boot_off = true;
  return Judged(text, boot.Json(), expectations);
}

std::string Issued(const policy::Evaluation& result) {
  EXPECT_TRUE(result.permitted) << result.explanation.summary
                                << (result.explanation.error ? result.explanation.error->message
                                                             : std::string());
  return json::Write(result.issued);
}

const std::string kPermit = "authorizationrules { => permit(); };\n";

TEST(TpmPolicies, Version10SeesTheBootInClaims) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const std::string text = "version=1.0;" + kPermit + R"(issuancerules {
    [type=="aikValidated", value==true] && [type=="secureBootEnabled", value==true]
        => issue(type="PlatformAttested", value=true);
  };)";
  EXPECT_EQ(Issued(RunOnBoot(text, "good")), R"({"PlatformAttested":true})");
  EXPECT_EQ(Issued(RunOnBoot(text, "uki-secureboot-off")), "{}");
}

// secureBootEnabled, from the event that measured the variable.
const std::string kSecureBoot = R"p(
c:[type=="events", issuer=="AttestationService"] => add(type="globals", value=JmesPath(c.value,
  "Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG' && ProcessedData.VariableGuid == '8BE4DF61-93CA-11D2-AA0D-00E098032B8C']"));
c:[type=="globals", issuer=="AttestationPolicy"] => issue(type="SecureBoot", value=JsonToClaimValue(JmesPath(c.value,
  "[?ProcessedData.UnicodeName == 'SecureBoot'] | length(@) == `1` && @[0].PcrIndex == `7` && @[0].ProcessedData.VariableData == 'AQ'")));
![type=="SecureBoot", issuer=="AttestationPolicy"] => issue(type="SecureBoot", value=false);
)p";

TEST(TpmPolicies, Version12FindsSecureBootInTheEvents) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const std::string text = "version=1.2;" + kPermit + "issuancerules {" + kSecureBoot + "};";
  EXPECT_EQ(Issued(RunOnBoot(text, "good")), R"({"SecureBoot":true})");
  EXPECT_EQ(Issued(RunOnBoot(text, "uki-good")), R"({"SecureBoot":true})");
  EXPECT_EQ(Issued(RunOnBoot(text, "uki-secureboot-off")), R"({"SecureBoot":false})");
}

TEST(TpmPolicies, Version12AdmitsKnownPcrsAndNoOthers) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const auto policy = [](const std::string& pcr0) {
    return R"(version=1.2; authorizationrules {
      c:[type=="pcrs", issuer=="AttestationService"] => add(type="pcr0Known", value=JsonToClaimValue(
          JmesPath(c.value, "PCRs[? Index == `0`].Digests.SHA256 | @[0] == ')" +
           pcr0 + R"('")));
      [type=="pcr0Known", value==true] => permit();
    };)";
  };
  const std::string known = "90040fdebcaef6fed8beec816d2a56ff8d77f91516bd053e493374c25562f11c";
  EXPECT_TRUE(RunOnBoot(policy(known), "good").permitted);
  EXPECT_FALSE(RunOnBoot(policy(std::string(64, '0')), "good").permitted);
}

TEST(TpmPolicies, Version11DemandsPcrsOfTheQuote) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const auto demanding = [](unsigned mask) {
    return "version=1.1; configurationrules { => issueproperty(type=\"required_pcr_mask\", value=" +
           std::to_string(mask) + "); };" + kPermit;
  };
  EXPECT_TRUE(RunOnBoot(demanding(0x7FFF), "good").permitted);
  // These boots quote PCR 0 to 14.
  const Boot boot = TrustedLaunch("good");
  Expectations expectations;
  expectations.enrolled_aks = {boot.ak_name};
  const policy::Policy all = policy::Policy::Compile(demanding(0xFFFFFF)).value();
  DemandFor(all, policy::AttestationType::kTpm, expectations);
  EXPECT_EQ(FailedChecks(boot.Json(), expectations), "quote.required_pcrs");
}

TEST(TpmPolicies, OfLinuxSeeVariablesAndWhatImaMeasured) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const std::string text = "version=1.2;" + kPermit + R"p(issuancerules {
    c:[type=="events", issuer=="AttestationService"] => issue(type="kernels", value=JsonToClaimValue(JmesPath(c.value,
      "Events[?EventTypeString == 'IMA_MEASUREMENT_EVENT'].ProcessedData.KernelVersion")));
    c:[type=="events", issuer=="AttestationService"] => issue(type="db", value=JsonToClaimValue(JmesPath(c.value,
      "length(Events[?PcrIndex == `7` && ProcessedData.UnicodeName == 'db' && EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG'])")));
    c:[type=="events", issuer=="AttestationService"] => issue(type="separators", value=JsonToClaimValue(JmesPath(c.value,
      "length(Events[?EventTypeString == 'EV_SEPARATOR' && PcrIndex < `8`])")));
  };)p";
  const std::string issued = Issued(RunOnBoot(text, "ima-critical-data"));
  EXPECT_NE(issued.find(R"("db":1,"separators":8)"), std::string::npos) << issued;
  EXPECT_NE(issued.find(R"("kernels":"6.)"), std::string::npos) << issued;
}

std::string WindowsEvidence() {
  const auto folder = samples::Root() / "tpm/gcp-windows-shielded-sha1log";
  const auto text = [&](const char* file) {
    return json::Value(Base64UrlEncode(samples::Read(folder / file)));
  };
  return json::Write(json::Object{
      {"assay-evidence", "tpm/1"},
      {"ak", text("ak_pub.tpmt")},
      {"quotes", json::Array{json::Object{{"message", text("quote.msg")},
                                          {"signature", text("quote.sig.tpmt")}}}},
      {"pcrs",
       json::Object{
           {"sha1", json::Parse(AsText(samples::Read(folder / "pcrs_sha1.json"))).value()}}},
      {"event_log", text("eventlog.bin")}});
}

TEST(TpmPolicies, OfWindowsReadItsOwnEvents) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const std::string text = R"(version=1.2;
  configurationrules { => issueproperty(type="require_valid_aik_cert", value=false); };)" +
                           kPermit + R"p(issuancerules {
    c:[type=="events", issuer=="AttestationService"] => add(type="boundaries", value=JmesPath(c.value,
      "Events[? EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex == `13` || PcrIndex == `19` || PcrIndex == `20`)].ProcessedData.EVENT_TRUSTBOUNDARY"));
    c:[type=="boundaries", issuer=="AttestationPolicy"] => add(type="integrity", value=JsonToClaimValue(JmesPath(c.value, "[*].EVENT_CODEINTEGRITY")));
    c:[type=="integrity", issuer=="AttestationPolicy"] => issue(type="CodeIntegrity", value=ContainsOnlyValue(c.value, true));
    c:[type=="boundaries", issuer=="AttestationPolicy"] => add(type="debugging", value=JsonToClaimValue(JmesPath(c.value, "[*].EVENT_BOOTDEBUGGING")));
    c:[type=="debugging", issuer=="AttestationPolicy"] => issue(type="DebuggingOff", value=ContainsOnlyValue(c.value, false));
    c:[type=="boundaries", issuer=="AttestationPolicy"] => issue(type="Prevention", value=JsonToClaimValue(JmesPath(c.value, "[*].EVENT_DATAEXECUTIONPREVENTION.Value | @[-1]")));
    c:[type=="boundaries", issuer=="AttestationPolicy"] => issue(type="Elam", value=JsonToClaimValue(JmesPath(c.value,
      "[*].EVENT_LOADEDMODULE_AGGREGATION[] | [? EVENT_IMAGEVALIDATED == `true` && (equals_ignore_case(EVENT_FILEPATH, '\\windows\\system32\\drivers\\wdboot.sys') || equals_ignore_case(EVENT_FILEPATH, '\\windows\\system32\\drivers\\wd\\wdboot.sys'))] | length(@) > `0`")));
    c:[type=="bootDebuggingDisabled"] => issue(type="bootDebuggingDisabled", value=c.value);
    c:[type=="vbsEnabled"] => issue(type="vbsEnabled", value=c.value);
  };)p";
  Expectations expectations;
  expectations.allow_sha1 = expectations.allow_secure_boot_off = true;
  EXPECT_EQ(Issued(Judged(text, WindowsEvidence(), expectations)),
            R"({"CodeIntegrity":true,"DebuggingOff":true,"Prevention":1,"Elam":true,)"
            R"("bootDebuggingDisabled":true,"vbsEnabled":false})");
}

TEST(TpmPolicies, NeitherEventsNorPcrsComeIntoTheToken) {
  SKIP_WITHOUT_POLICY_SAMPLES();
  const policy::Policy policy =
      policy::Policy::Compile("version=1.2;" + kPermit + "issuancerules {" + kSecureBoot + "};")
          .value();
  const Boot boot = TrustedLaunch("good");
  Expectations expectations;
  expectations.enrolled_aks = {boot.ak_name};
  DemandFor(policy, policy::AttestationType::kTpm, expectations);
  Judging judging{kTpmScheme.parse(AsBytes(boot.Json())).value(), VerifyCache(), {}, {}};
  const Claims claims = kTpmScheme.claims(
      *judging.parsed, {judging.collateral, judging.roots, expectations, Time{}, judging.cache});
  EXPECT_NE(json::Write(claims).find("EventTypeString"), std::string::npos);
  const std::string token = json::Write(MaaClaims("tpm", claims, TokenContext{}));
  EXPECT_EQ(token.find("EventTypeString"), std::string::npos);
  EXPECT_EQ(token.find("\"PCRs\""), std::string::npos);
}

}  // namespace
}  // namespace assay
