#include "agent/secret_handover.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "agent/secret_files.h"
#include "base/encoding.h"
#include "crypto/asymmetric_key.h"
#include "crypto/signing_key.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

namespace fs = std::filesystem;

// On a file system in memory, gone afterwards.
class SecretHandover : public testing::Test {
 protected:
  void SetUp() override {
    if (::mkdtemp(base_.data()) == nullptr) GTEST_SKIP() << "no /dev/shm to write to";
  }
  void TearDown() override { fs::remove_all(base_); }

  static std::vector<ReleasedKey> Keys() {
    std::vector<ReleasedKey> out;
    out.push_back({"https://v/keys/a/1", "oct", SecretBytes(View(Bytes(16, std::byte{0})))});
    const AsymmetricKey ec = AsymmetricKey::GenerateEc(NamedCurve::kP256).value();
    out.push_back({"https://v/keys/b/1", "EC", ec.ToPkcs8().value()});
    return out;
  }

  std::string base_ = "/dev/shm/assay-test-XXXXXX";
  const std::vector<SecretOrder> orders_ = ParseSecretOrders({"RAW=a", "TLS=b,1"}).value();
};

TEST_F(SecretHandover, GivesBytesAndPemByDescriptorAtFirst) {
  const auto secrets = HandOver(orders_, Keys(), {}).value();
  ASSERT_EQ(secrets.handed.size(), 2U);
  EXPECT_EQ(secrets.handed[0].variable, "ASSAY_SECRET_RAW");
  EXPECT_EQ(secrets.handed[0].how, Handover::kDescriptor);
  EXPECT_EQ(ToBytes(secrets.handed[0].content), Bytes(16, std::byte{0}));
  EXPECT_TRUE(AsText(secrets.handed[1].content).starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_TRUE(SigningKey::FromPem(AsText(secrets.handed[1].content)));
}

TEST_F(SecretHandover, GivesFilesThatTheirOwnerAloneCanRead) {
  const auto secrets = HandOver(orders_, Keys(), {base_ + "/app", false}).value();
  EXPECT_EQ(secrets.handed[0].variable, "ASSAY_SECRET_RAW_FILE");
  EXPECT_EQ(AsText(secrets.handed[0].content), base_ + "/app/RAW");
  EXPECT_EQ(ReadFile(base_ + "/app/RAW", 100).value(), Bytes(16, std::byte{0}));
  struct stat what {};
  ASSERT_EQ(::stat((base_ + "/app/RAW").c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 07777U, 0400U);
  ASSERT_EQ(::stat((base_ + "/app").c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 07777U, 0700U);
  // At the next start they are written anew.
  EXPECT_TRUE(HandOver(orders_, Keys(), {base_ + "/app", false}));
}

TEST_F(SecretHandover, WritesIntoNoFolderThatOthersMayEnterOrThatIsOnADisk) {
  fs::create_directory(base_ + "/open");
  fs::permissions(base_ + "/open", fs::perms(0755));
  EXPECT_FALSE(SecretFolder::Open(base_ + "/open"));
  fs::create_directory_symlink(base_, base_ + "/link");
  EXPECT_FALSE(SecretFolder::Open(base_ + "/link"));
  EXPECT_FALSE(SecretFolder::Open("/proc"));
  const auto refused = SecretFolder::Open("/sys");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("tmpfs"), std::string::npos);
}

// A file of that name that somebody prepared is not written through.
TEST_F(SecretHandover, ReplacesWhatStandsInTheFolder) {
  const auto folder = SecretFolder::Open(base_ + "/app").value();
  fs::create_symlink(base_ + "/elsewhere", base_ + "/app/RAW");
  EXPECT_TRUE(folder.Write("RAW", AsBytes("secret")));
  EXPECT_FALSE(fs::exists(base_ + "/elsewhere"));
  EXPECT_FALSE(fs::is_symlink(base_ + "/app/RAW"));
}

TEST_F(SecretHandover, PutsBase64IntoAnEnvironmentIfAsked) {
  const auto secrets = HandOver(orders_, Keys(), {{}, true}).value();
  EXPECT_EQ(secrets.handed[0].variable, "ASSAY_SECRET_RAW");
  EXPECT_EQ(secrets.handed[0].how, Handover::kEnvironment);
  EXPECT_EQ(AsText(secrets.handed[0].content), Base64Encode(Bytes(16, std::byte{0})));
  EXPECT_TRUE(AsText(secrets.handed[1].content).starts_with("-----BEGIN"));
}

TEST(SecretOrder, IsANameAndAKey) {
  const auto order = ParseSecretOrder("DB_1=disk,0123").value();
  EXPECT_EQ(order.name, "DB_1");
  EXPECT_EQ(order.key.name, "disk");
  EXPECT_EQ(order.key.version, "0123");
  for (const char* bad : {"", "disk", "=disk", "A=", "A B=disk", "../x=disk", "A=a/b", "A=,1"}) {
    EXPECT_FALSE(ParseSecretOrder(bad)) << bad;
  }
  EXPECT_FALSE(ParseSecretOrders({"A=x", "A=y"}));
  EXPECT_FALSE(ParseSecretOrders(std::vector<std::string>(33, "A=x")));
}

}  // namespace
}  // namespace assay::agent
