#include "access/access_file.h"

#include <gtest/gtest.h>

#include "access/testing.h"

namespace assay::access {
namespace {

using access_testing::Has;

std::string Complaint(std::string_view text) {
  const auto file = ParseAccessFile(text, "/etc/assay");
  return file ? "none" : file.error().message;
}

TEST(AccessFile, IsReadWithItsPathsBesideIt) {
  const auto file = ParseAccessFile(access_testing::kFile, "/etc/assay");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->client_ca, "/etc/assay/clients.pem");
  EXPECT_EQ(file->issuers.at(0).discovery,
            "https://issuer.example/.well-known/openid-configuration");
  EXPECT_EQ(file->AttestModeOf("default"), AttestMode::kOpen);
  EXPECT_EQ(file->AttestModeOf("unnamed"), AttestMode::kDenied);
}

TEST(AccessFile, DeniesWhatItDoesNotState) {
  const auto file = ParseAccessFile("{}", "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->AttestModeOf("default"), AttestMode::kDenied);
}

TEST(AccessFile, RefusesAMemberItDoesNotKnow) {
  EXPECT_TRUE(Has(Complaint(R"({"provider": {}})"), "\"provider\" is no member"));
  EXPECT_TRUE(Has(Complaint(R"({"providers": {"a": {"atest": "open"}}})"), "\"atest\""));
}

TEST(AccessFile, RefusesAMemberThatStandsTwice) {
  EXPECT_TRUE(Has(Complaint(R"({"issuers": [], "issuers": []})"), "stands twice"));
}

TEST(AccessFile, RefusesAnIssuerWithoutAudience) {
  EXPECT_TRUE(Has(Complaint(R"({"issuers": [{"issuer": "https://a"}]})"), "audiences"));
  EXPECT_TRUE(
      Has(Complaint(R"({"issuers": [{"issuer": "https://a", "audiences": []}]})"), "audiences"));
}

TEST(AccessFile, RefusesAnIssuerThatStandsTwice) {
  EXPECT_TRUE(Has(Complaint(R"({"issuers": [{"issuer": "https://a", "audiences": ["x"]},
                                            {"issuer": "https://a", "audiences": ["y"]}]})"),
                  "stands twice"));
}

TEST(AccessFile, RefusesToFindKeysOverPlainHttp) {
  EXPECT_TRUE(
      Has(Complaint(R"({"issuers": [{"issuer": "http://a", "audiences": ["x"]}]})"), "https"));
}

TEST(AccessFile, RefusesAGrantOfAnIssuerItDoesNotTrust) {
  EXPECT_TRUE(Has(Complaint(R"({"providers": {"a": {"grants": [
      {"role": "reader", "issuer": "https://a", "claim": "sub", "value": "x"}]}}})"),
                  "none of \"issuers\""));
}

TEST(AccessFile, RefusesAnUnknownRoleAndAnUnknownWayToAttest) {
  EXPECT_TRUE(Has(Complaint(R"({"providers": {"a": {"grants": [
      {"role": "owner", "issuer": "https://a", "claim": "sub", "value": "x"}]}}})"),
                  "found owner"));
  EXPECT_TRUE(Has(Complaint(R"({"providers": {"a": {"attest": "yes"}}})"), "attest"));
}

TEST(AccessFile, RefusesClientCertificatesWithoutAuthorityOrNames) {
  EXPECT_TRUE(Has(Complaint(R"({"providers": {"a": {"attest": "client-certificate"}}})"),
                  "clientCertificates"));
  EXPECT_TRUE(Has(Complaint(R"({"clientCertificates": {"ca": "a.pem"}})"), "subjects"));
}

TEST(AccessFile, NamesAuthoritiesOfKeyReleases) {
  const auto file = ParseAccessFile(R"({"keyRelease": {
      "authorities": [{"issuer": "https://a.example/"},
                      {"issuer": "https://b.example", "jwks": "b.json"}],
      "audiences": ["https://vault.example"], "clockSkewSeconds": 5}})",
                                    "/etc/assay");
  ASSERT_TRUE(file) << file.error().message;
  const KeyReleaseRule& rule = file->key_release;
  ASSERT_EQ(rule.authorities.size(), 2U);
  EXPECT_EQ(rule.authorities[0].issuer, "https://a.example");
  EXPECT_EQ(rule.authorities[0].discovery, "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(rule.authorities[1].jwks, "/etc/assay/b.json");
  EXPECT_EQ(rule.audiences, std::vector<std::string>{"https://vault.example"});
  EXPECT_EQ(rule.clock_skew, std::chrono::seconds{5});
}

TEST(AccessFile, TrustsNoAuthorityThatItDoesNotName) {
  const auto file = ParseAccessFile(R"({"keyRelease": {"audiences": []}})", "");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->key_release.authorities.empty());
  EXPECT_TRUE(file->key_release.audiences.empty());
  EXPECT_EQ(file->key_release.clock_skew, limits::kClockSkew);
  EXPECT_FALSE(file->key_release.open_to_callers);
}

TEST(AccessFile, OpensKeyReleasesToCallersWithoutARoleOnlyInWords) {
  const auto open = [](const std::string& callers) {
    return ParseAccessFile(R"({"keyRelease": {"callers": ")" + callers + R"("}})", "");
  };
  EXPECT_TRUE(open("open")->key_release.open_to_callers);
  EXPECT_FALSE(open("role")->key_release.open_to_callers);
  EXPECT_FALSE(open("anybody"));
}

TEST(AccessFile, NamesTheIssuerOfUsersOfTheLedger) {
  const auto with = [](const std::string& ledger) {
    return ParseAccessFile(R"({"issuers": [{"issuer": "https://a", "audiences": ["x"]}],
                               "ledger": )" +
                               ledger + "}",
                           "");
  };
  EXPECT_EQ(with(R"({"issuer": "https://a"})")->ledger_issuer, "https://a");
  EXPECT_FALSE(with(R"({"issuer": "https://b"})"));
  EXPECT_FALSE(with(R"({"issuer": ""})"));
  EXPECT_FALSE(with("{}"));
  EXPECT_FALSE(with(R"({"issuers": ["https://a"]})"));
  EXPECT_EQ(ParseAccessFile("{}", "")->ledger_issuer, "");
}

TEST(AccessFile, KnowsTheRolesOfTheLedger) {
  for (const Role role :
       {Role::kLedgerReader, Role::kLedgerContributor, Role::kLedgerAdministrator}) {
    EXPECT_EQ(RoleOf(Name(role)).value(), role);
  }
}

TEST(AccessFile, RefusesKeyReleaseRulesThatAreWrong) {
  const auto with = [](const std::string& rule) {
    return Complaint(R"({"keyRelease": )" + rule + "}");
  };
  EXPECT_TRUE(Has(with(R"({"authority": []})"), "\"authority\" is no member"));
  EXPECT_TRUE(Has(with(R"({"authorities": {}})"), "must be a list"));
  EXPECT_TRUE(Has(with(R"({"authorities": [{"issuer": "http://a"}]})"), "over https"));
  EXPECT_TRUE(Has(with(R"({"authorities": [{"issuer": "https://a"}, {"issuer": "https://a/"}]})"),
                  "stands twice"));
  EXPECT_TRUE(Has(with(R"({"authorities": [{"issuer": "https://a", "audiences": ["x"]}]})"),
                  "\"audiences\" is no member"));
  EXPECT_TRUE(Has(with(R"({"audiences": "x"})"), "audiences"));
  for (const char* skew : {"-1", "301", "\"60\"", "1.5"}) {
    EXPECT_TRUE(Has(with(R"({"clockSkewSeconds": )" + std::string(skew) + "}"), "0 to 300"))
        << skew;
  }
}

}  // namespace
}  // namespace assay::access
