#include "policy/lint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/defaults.h"
#include "policy/testing.h"

namespace assay::policy {
namespace {

// "line:severity:id" of each finding.
std::string Findings(std::string_view text,
                     std::optional<AttestationType> type = AttestationType::kSgxEnclave) {
  const auto policy = Policy::Compile(text);
  if (!policy) return policy.error().message;
  std::string out;
  for (const Finding& one : Lint(*policy, type)) {
    out += fmt::format("{}{}:{}:{}", out.empty() ? "" : " ", one.place.line, Name(one.severity),
                       one.id);
  }
  return out;
}

std::string IssuanceFindings(std::string_view rules) {
  return Findings(Rules("=> permit();", rules));
}

TEST(Lint, HasNothingAgainstTheDefaultPolicies) {
  for (std::size_t i = 0; i < kAttestationTypes; ++i) {
    const auto type = static_cast<AttestationType>(i);
    const auto text = DefaultPolicy(type);
    if (text) {
      EXPECT_EQ(Findings(*text, type), "") << Name(type);
    }
  }
}

TEST(Lint, FindsClaimsThatTheEvidenceNeverHas) {
  EXPECT_EQ(Findings(Rules("[type==\"x-ms-sgx-mrsinger\", value==\"a\"] => permit();")),
            "3:warning:unknown-claim");
  EXPECT_EQ(
      Findings(Rules("[type==\"x-ms-sgx-svn\", value>=1] => permit();"), AttestationType::kTdxVm),
      "3:warning:unknown-claim");
  EXPECT_EQ(Findings(Rules("[type==\"x-ms-sgx-svn\", value>=1] => permit();"), std::nullopt), "");
  EXPECT_EQ(Findings(Rules("[type==\"mine\", issuer==\"CustomClaim\"] => permit();")), "");
  EXPECT_EQ(Findings(Rules("=> add(type=\"mine\", value=1); [type==\"mine\"] => permit();")), "");
  EXPECT_EQ(Findings(Rules("[type==\"mine\"] => permit(); => add(type=\"mine\", value=1);")),
            "3:warning:unknown-claim");
  EXPECT_EQ(Findings(Rules("[type==\"$is-debuggable\", value==false] => permit();")),
            "3:note:deprecated-claim");
}

TEST(Lint, FindsValuesOfAnotherTypeThanTheClaims) {
  EXPECT_EQ(Findings(Rules("[type==\"x-ms-sgx-svn\", value==\"3\"] => permit();")),
            "3:error:claim-type");
  EXPECT_EQ(Findings(Rules("[type==\"x-ms-sgx-is-debuggable\", value!=0] => permit();")),
            "3:error:claim-type");
}

TEST(Lint, FindsConditionsThatNeverHold) {
  EXPECT_EQ(
      IssuanceFindings("[type==\"x-ms-sgx-svn\", value>5, value<6] => issue(type=\"a\", value=1);"),
      "6:error:never-holds");
  EXPECT_EQ(IssuanceFindings(
                "[type==\"x-ms-sgx-svn\", value==5, value!=5] => issue(type=\"a\", value=1);"),
            "6:error:never-holds");
  EXPECT_EQ(
      IssuanceFindings(
          "[type==\"x-ms-sgx-svn\", type==\"x-ms-sgx-mrsigner\"] => issue(type=\"a\", value=1);"),
      "6:error:never-holds");
  EXPECT_EQ(IssuanceFindings(
                "[type==\"x-ms-sgx-svn\", issuer==\"Service\"] => issue(type=\"a\", value=1);"),
            "6:error:never-holds");
  EXPECT_EQ(
      IssuanceFindings(
          "[type==\"x-ms-sgx-svn\"] && ![type==\"x-ms-sgx-svn\"] => issue(type=\"a\", value=1);"),
      "6:error:never-fires");
}

TEST(Lint, FindsPermitsWithoutEffect) {
  EXPECT_EQ(Findings(Rules("=> deny();\n=> permit();")),
            "3:warning:denies-everything 4:warning:unreachable");
  EXPECT_EQ(Findings(Rules("")), "2:warning:denies-everything");
  EXPECT_EQ(Findings(Rules("=> permit();\n[type==\"x-ms-sgx-svn\"] => permit();")),
            "4:warning:redundant-permit");
  EXPECT_EQ(
      Findings(Rules(
          "[type==\"x-ms-sgx-svn\", value==1] => deny();\n"
          "[type==\"x-ms-sgx-mrsigner\"] && [type==\"x-ms-sgx-svn\", value==1] => permit();")),
      "4:error:overruled-permit");
}

TEST(Lint, KnowsThatAddedClaimsChangeWhatHolds) {
  EXPECT_EQ(Findings(Rules("[type==\"a\"] => deny(); => add(type=\"a\", value=1); "
                           "[type==\"a\"] => permit();"),
                     std::nullopt),
            "");
  EXPECT_EQ(
      IssuanceFindings("[type==\"nonce\"] => issue(type=\"a\", value=1); => add(type=\"nonce\", "
                       "value=\"x\"); [type==\"nonce\"] => issue(type=\"a\", value=1);"),
      "");
}

TEST(Lint, FindsShadowedIssues) {
  EXPECT_EQ(IssuanceFindings("=> issue(type=\"a\", value=1);\n[type==\"x-ms-sgx-svn\"] => "
                             "issue(type=\"a\", value=1);"),
            "7:warning:shadowed-issue");
  EXPECT_EQ(IssuanceFindings(
                "=> issue(type=\"a\", value=1);\n![type==\"a\"] => issue(type=\"a\", value=2);"),
            "7:warning:never-fires");
  EXPECT_EQ(
      IssuanceFindings("[type==\"x-ms-sgx-svn\"] => issue(type=\"a\", value=1);\n![type==\"a\"] => "
                       "issue(type=\"a\", value=2);"),
      "");
}

TEST(Lint, FindsFeaturesNewerThanTheVersion) {
  EXPECT_EQ(Findings("version=1.0;\nconfigurationrules{};\nauthorizationrules{\n=>permit();};"
                     "\nissuancerules{\n"
                     "![type==\"nonce\"] => issue(type=\"a\", value=NegateBool(true));};"),
            "2:error:version-feature 6:error:version-feature 6:error:version-feature");
}

TEST(Lint, FindsMisplacedAndUnknownThings) {
  EXPECT_EQ(IssuanceFindings("=> issueproperty(type=\"omit_5xc\", value=true);"),
            "6:warning:unknown-property");
  EXPECT_EQ(IssuanceFindings("=> issueproperty(type=\"required_pcr_mask\", value=1);"),
            "6:warning:property-section");
  EXPECT_EQ(Findings(Rules("=> issue(type=\"a\", value=1);\n[type=\"a\"] => permit();")),
            "3:warning:issue-in-authorization 4:note:single-equals");
  EXPECT_EQ(Findings(Rules("=> permit();", "c:[type==\"pcrs\"] => issue(claim=c);"),
                     AttestationType::kTpm),
            "6:error:read-only");
}

}  // namespace
}  // namespace assay::policy
