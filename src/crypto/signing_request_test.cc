#include "crypto/signing_request.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay {
namespace {

using DnsNames = std::vector<std::string>;

TEST(SigningRequest, HoldsTheKeyAndTheNames) {
  for (const KeyType type : {KeyType::kP256, KeyType::kRsa2048}) {
    const SigningKey key = SigningKey::Generate(type).value();
    const auto read = ParseSigningRequest(MakeSigningRequest(key, {"db.example", "db"}).value());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->dns_names, (DnsNames{"db.example", "db"}));
    CertificateRequest own;
    own.common_name = "own";
    const auto certificate = IssueCertificate(key, own, key, nullptr).value();
    EXPECT_EQ(read->key.SpkiDigest(), certificate->key().SpkiDigest());
  }
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  EXPECT_TRUE(ParseSigningRequest(MakeSigningRequest(key, {}).value())->dns_names.empty());
}

TEST(SigningRequest, IsRefusedWithAnyBitChanged) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const Bytes good = MakeSigningRequest(key, {"db.example"}).value();
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= std::byte{1};
    EXPECT_FALSE(ParseSigningRequest(bad)) << at;
  }
}

TEST(SigningRequest, IsRefusedWithBytesBehindIt) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  Bytes der = MakeSigningRequest(key, {}).value();
  der.push_back(std::byte{0});
  EXPECT_FALSE(ParseSigningRequest(der));
  der.resize(limits::kSigningRequestBytes + 1);
  EXPECT_FALSE(ParseSigningRequest(der));
  EXPECT_FALSE(ParseSigningRequest({}));
}

TEST(SigningRequest, IsNotMadeForWhatIsNoHostName) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  EXPECT_FALSE(MakeSigningRequest(key, {"a b"}));
  EXPECT_FALSE(MakeSigningRequest(key, {"a,IP:192.0.2.1"}));
}

TEST(SigningRequest, IsRefusedWithTooManyNames) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const DnsNames names(limits::kMachineDnsNames + 1, "db");
  EXPECT_FALSE(ParseSigningRequest(MakeSigningRequest(key, names).value()));
}

TEST(DnsName, IsWhatHostsAreCalled) {
  for (const char* good :
       {"db", "db.example", "DB-1.example", "1a.example", "xn--bcher-kva.example"}) {
    EXPECT_TRUE(IsDnsName(good)) << good;
  }
  for (const char* bad : {"", ".", "db.", ".db", "a..b", "-a", "a-", "*.example", "a_b", "a b",
                          "192.0.2.1", "1", "db.example\n", "a,b"}) {
    EXPECT_FALSE(IsDnsName(bad)) << bad;
  }
  EXPECT_FALSE(IsDnsName(std::string(64, 'a')));
  EXPECT_TRUE(IsDnsName(std::string(63, 'a')));
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_FALSE(IsDnsName(longest + "a"));
}

}  // namespace
}  // namespace assay
