// The keys of a service across restarts and changes of the algorithm.
#include "server/state_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/temporary_folder.h"

namespace assay {
namespace {

const Time kNow = FromUnixSeconds(1'800'000'000);

ServiceState Open(const TemporaryFolder& folder, TokenAlgorithm algorithm, Time now = kNow) {
  return OpenStateDir(folder.path() + "/state", "https://attest.example", "attest.example", true,
                      algorithm, now)
      .value();
}

TEST(StateDir, KeepsItsKeysAcrossRestarts) {
  const TemporaryFolder folder;
  const ServiceState first = Open(folder, TokenAlgorithm::kRs256);
  const ServiceState second = Open(folder, TokenAlgorithm::kRs256);
  ASSERT_EQ(first.signers.size(), 1U);
  EXPECT_EQ(KeyId(*first.signers[0].certificate), KeyId(*second.signers[0].certificate));
  EXPECT_EQ(first.signers[0].key.alg(), "RS256");
}

TEST(StateDir, PublishesTheOldKeyAfterAChangeOfAlgorithm) {
  const TemporaryFolder folder;
  const ServiceState before = Open(folder, TokenAlgorithm::kRs256);
  const ServiceState after = Open(folder, TokenAlgorithm::kEs256);
  ASSERT_EQ(after.signers.size(), 2U);
  EXPECT_EQ(after.signers[0].key.alg(), "ES256");
  EXPECT_EQ(KeyId(*after.signers[1].certificate), KeyId(*before.signers[0].certificate));
  const ServiceState back = Open(folder, TokenAlgorithm::kRs256);
  EXPECT_EQ(back.signers[0].key.alg(), "RS256");
}

TEST(StateDir, RenewsAServerCertificateThatHasExpired) {
  const TemporaryFolder folder;
  const ServiceState state = Open(folder, TokenAlgorithm::kEs256);
  const auto written = std::filesystem::file_size(state.tls_cert_file);
  EXPECT_GT(written, 0U);
  const auto before = std::filesystem::last_write_time(state.tls_cert_file);
  Open(folder, TokenAlgorithm::kEs256, kNow + std::chrono::hours(24 * 300));
  EXPECT_EQ(std::filesystem::last_write_time(state.tls_cert_file), before);
  Open(folder, TokenAlgorithm::kEs256, kNow + std::chrono::hours(24 * 400));
  EXPECT_NE(std::filesystem::last_write_time(state.tls_cert_file), before);
}

TEST(StateDir, LetsNobodyElseRead) {
  const TemporaryFolder folder;
  Open(folder, TokenAlgorithm::kRs256);
  struct stat info {};
  ASSERT_EQ(::stat((folder.path() + "/state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  for (const char* name : {"/state/token.key", "/state/ca.key", "/state/tls.key"}) {
    ASSERT_EQ(::stat((folder.path() + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
  }
}

}  // namespace
}  // namespace assay
