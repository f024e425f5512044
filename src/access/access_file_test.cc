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

}  // namespace
}  // namespace assay::access
