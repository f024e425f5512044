#include "policy/claim_table.h"

#include <gtest/gtest.h>

#include "policy/defaults.h"
#include "policy/diff.h"
#include "policy/testing.h"

namespace assay::policy {
namespace {

TEST(ClaimTable, KnowsTheTypesOfTheApi) {
  for (std::size_t i = 0; i < kAttestationTypes; ++i) {
    const auto type = static_cast<AttestationType>(i);
    EXPECT_EQ(FindAttestationType(Name(type)), type);
    EXPECT_NE(FindClaim(type, "x-ms-attestation-type"), nullptr);
  }
  EXPECT_FALSE(FindAttestationType("sgxenclave"));
  EXPECT_EQ(FindClaim(AttestationType::kTdxVm, "x-ms-sgx-svn"), nullptr);
  EXPECT_EQ(FindClaim(AttestationType::kAzureGuest, "tdx_mrtd"), nullptr);
  EXPECT_NE(FindClaim(AttestationType::kAzureGuest, "x-ms-isolation-tee"), nullptr);
}

// The signed sample of policy-examples.md asks for "$is-debuggable".
TEST(ClaimTable, LetsOldPoliciesAskForDeprecatedNames) {
  std::vector<Claim> claims = SgxClaims();
  AddDeprecatedNames(claims);
  EXPECT_TRUE(Permits("[type==\"$is-debuggable\", value==true] => permit();", claims));
  EXPECT_TRUE(Permits("[type==\"$tee\", value==\"sgx\"] => permit();", claims));
  EXPECT_EQ(claims.size(), SgxClaims().size() + 6);
}

TEST(Defaults, AdmitWhatIsGenuineWhereAzureHasADefault) {
  for (std::size_t i = 0; i < kAttestationTypes; ++i) {
    const auto text = DefaultPolicy(static_cast<AttestationType>(i));
    if (!text || static_cast<AttestationType>(i) == AttestationType::kAzureGuest) continue;
    EXPECT_TRUE(Evaluate(Policy::Compile(*text).value(), {}).permitted);
  }
  EXPECT_FALSE(DefaultPolicy(AttestationType::kTpm));
  EXPECT_FALSE(DefaultPolicy(AttestationType::kVbsEnclave));
}

TEST(Defaults, AdmitGuestsWithSecureBootOnly) {
  const Policy policy = Policy::Compile(*DefaultPolicy(AttestationType::kAzureGuest)).value();
  const auto permits = [&](const json::Value& secure_boot) {
    return Evaluate(policy, ServiceClaims({{"secureboot", secure_boot}})).permitted;
  };
  EXPECT_TRUE(permits(true));
  EXPECT_FALSE(permits(false));
  EXPECT_FALSE(permits("true"));
  EXPECT_FALSE(Evaluate(policy, {}).permitted);
}

// policy-examples.md shows the default for SGX with one configuration rule more.
TEST(Defaults, DifferFromTheDocumentedFormInOneRule) {
  const std::string ours(*DefaultPolicy(AttestationType::kSgxEnclave));
  std::string documented = ours;
  documented.replace(
      0, std::string("version= 1.0;").size(),
      "version= 1.1;configurationrules{"
      "=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");};");
  const Diff diff = Compare(Policy::Compile(ours).value(), Policy::Compile(documented).value());
  EXPECT_EQ(diff.version, "1.0 -> 1.1");
  ASSERT_EQ(diff.changes.size(), 1U);
  EXPECT_EQ(diff.changes[0].kind, ChangeKind::kAdded);
}

}  // namespace
}  // namespace assay::policy
