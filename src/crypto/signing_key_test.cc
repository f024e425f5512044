#include "crypto/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

namespace assay {
namespace {

TEST(SigningKey, SavesForItsOwnerOnlyAndLoadsAgain) {
  const std::string path = ::testing::TempDir() + "signing_key_test.pem";
  std::remove(path.c_str());
  const auto key = SigningKey::Generate(KeyType::kP256);
  ASSERT_TRUE(key);
  ASSERT_TRUE(key->Save(path));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const auto again = SigningKey::Load(path);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->Public()->x, key->Public()->x);
  EXPECT_FALSE(key->Save(path)) << "an existing key must not be overwritten";
  std::remove(path.c_str());
}

TEST(SigningKey, RefusesWhatIsNoPrivateKey) {
  EXPECT_FALSE(SigningKey::FromPem("no key"));
  EXPECT_FALSE(SigningKey::Load("/nonexistent/key.pem"));
}

TEST(SigningKey, IssuesServerCertificatesUnderAnAuthority) {
  const auto ca = SigningKey::Generate(KeyType::kP256);
  const auto leaf = SigningKey::Generate(KeyType::kP256);
  ASSERT_TRUE(ca && leaf);
  CertificateRequest request{"authority", {}, FromUnixSeconds(1700000000), 10, true, false};
  const auto root = IssueCertificate(*ca, request, *ca, nullptr);
  ASSERT_TRUE(root);
  request = {"server", {"DNS:localhost", "IP:127.0.0.1"}, FromUnixSeconds(1700000000), 1, false,
             true};
  const auto certificate = IssueCertificate(*leaf, request, *ca, root->get());
  ASSERT_TRUE(certificate);
  EXPECT_TRUE((*root)->is_ca());
  EXPECT_FALSE((*certificate)->is_ca());
  EXPECT_TRUE((*certificate)->IssuedBy(**root));
  EXPECT_FALSE((*root)->IssuedBy(**certificate));
}

// 300: more than the kernel gives at once for certain.
TEST(RandomBytes, AreAsManyAsWereAskedForAndNeverTheSame) {
  EXPECT_TRUE(RandomBytes(0)->empty());
  for (const std::size_t count : {std::size_t{16}, std::size_t{300}}) {
    const Bytes one = RandomBytes(count).value();
    EXPECT_EQ(one.size(), count);
    EXPECT_NE(one, RandomBytes(count).value());
    const Bytes end(one.end() - 16, one.end());
    EXPECT_NE(end, Bytes(16)) << "to the last byte";
  }
}

}  // namespace
}  // namespace assay
