#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/public_key.h"
#include "token/jwks.h"
#include "token/jws.h"
#include "token/maa_claims.h"

namespace assay {
namespace {

const json::Value* Find(const json::Object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (key == name) return &value;
  }
  return nullptr;
}

TEST(MaaClaims, NamesSgxClaimsAndThoseThatThePolicyIssued) {
  TokenContext context;
  context.issued = {{"svn", 7}, {"sgx-mrenclave", "aa"}};
  context.enclave_held_data = ToBytes(AsBytes("data"));
  const json::Object out =
      MaaClaims("sgx", {{"mrenclave", "aa"}, {"isv_svn", 7}, {"is_debuggable", false}}, context);
  EXPECT_EQ(*Find(out, "x-ms-sgx-mrenclave")->AsString(), "aa");
  EXPECT_EQ(*Find(out, "sgx-mrenclave")->AsString(), "aa");
  EXPECT_EQ(*Find(out, "svn")->AsInt(), 7);
  EXPECT_EQ(*Find(out, "maa-ehd")->AsString(), "ZGF0YQ");
  EXPECT_EQ(Find(out, "x-ms-sgx-config-id"), nullptr);
  EXPECT_EQ(json::Write(*Find(out, "x-ms-policy")), R"({"sgx-mrenclave":"aa","svn":7})");
}

TEST(MaaClaims, LeaveNoPolicyClaimWhereNothingWasIssued) {
  EXPECT_EQ(Find(MaaClaims("snp", {}, TokenContext{}), "x-ms-policy"), nullptr);
}

TEST(MaaClaims, AreNeverReplacedByWhatAPolicyIssues) {
  TokenContext context;
  context.issuer = "https://attest.example";
  context.issued = {{"iss", "forged"},
                    {"exp", 1},
                    {"x-ms-sgx-mrenclave", "forged"},
                    {"x-ms-policy", "forged"},
                    {"x-ms-policy-hash", "forged"}};
  const json::Object out = MaaClaims("sgx", {{"mrenclave", "aa"}}, context);
  EXPECT_EQ(*Find(out, "iss")->AsString(), "https://attest.example");
  EXPECT_EQ(*Find(out, "x-ms-sgx-mrenclave")->AsString(), "aa");
  EXPECT_EQ(*Find(out, "x-ms-policy-hash")->AsString(), PolicyHash(""));
  EXPECT_NE(Find(out, "x-ms-policy")->AsObject(), nullptr);
  std::size_t named_policy = 0;
  for (const auto& [name, value] : out) named_policy += name == "x-ms-policy" ? 1 : 0;
  EXPECT_EQ(named_policy, 1U);
}

TEST(MaaClaims, TellsTdAttributesBitByBit) {
  const json::Object out = MaaClaims(
      "tdx", {{"td_attributes", "0000001000000000"}, {"tee_tcb_svn", "0300"}}, TokenContext{});
  EXPECT_TRUE(*Find(out, "tdx_td_attributes_septve_disable")->AsBool());
  EXPECT_FALSE(*Find(out, "tdx_td_attributes_perfmon")->AsBool());
  EXPECT_EQ(*Find(out, "tdx_seamsvn")->AsInt(), 3);
}

TEST(MaaClaims, LivesEightHours) {
  TokenContext context;
  context.issued_at = FromUnixSeconds(1000);
  const json::Object out = MaaClaims("snp", {}, context);
  EXPECT_EQ(*Find(out, "exp")->AsInt(), 1000 + 28800);
  EXPECT_EQ(*Find(out, "x-ms-attestation-type")->AsString(), "sevsnpvm");
}

TEST(Jws, SignatureVerifiesWithItsPublicKey) {
  const auto key = SigningKey::Generate(KeyType::kP256);
  ASSERT_TRUE(key);
  const auto jws = SignJws(*key, {}, {{"a", 1}});
  ASSERT_TRUE(jws);
  const std::size_t dot = jws->rfind('.');
  const auto signature = Base64UrlDecode(jws->substr(dot + 1));
  const auto parts = key->Public();
  ASSERT_TRUE(signature && parts);
  Bytes point = parts->x;
  Append(point, parts->y);
  const auto verifier = PublicKey::FromPoint(Curve::kP256, point);
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(verifier->VerifyEcdsa(Sha256(AsBytes(jws->substr(0, dot))), *signature));
  EXPECT_FALSE(verifier->VerifyEcdsa(Sha256(AsBytes("other")), *signature));
}

TEST(Jwks, CarriesCertificateAndKey) {
  auto key = SigningKey::Generate(KeyType::kRsa2048);
  ASSERT_TRUE(key);
  CertificateRequest request;
  request.common_name = "tokens";
  request.not_before = FromUnixSeconds(1700000000);
  const auto certificate = IssueCertificate(*key, request, *key, nullptr);
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_TRUE((*certificate)->IssuedBy(**certificate));
  const auto set = KeySet({{*key, *certificate}});
  ASSERT_TRUE(set);
  const json::Value& first = set->Find("keys")->AsArray()->front();
  EXPECT_EQ(*first.Find("kid")->AsString(), KeyId(**certificate));
  EXPECT_EQ(*first.Find("e")->AsString(), "AQAB");
}

}  // namespace
}  // namespace assay
