#include "collateral/store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/limits.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

class Store : public ::testing::Test {
 protected:
  ~Store() override { fs::remove_all(folder_); }

  static Answer Example(char fill = 'x', std::size_t size = 100) {
    return {"https://host/a", "\"e\"", FromUnixSeconds(1700000000),
            Bytes(size, static_cast<std::byte>(fill)), std::string(size, fill)};
  }

  static fs::path NewFolder() {
    std::string path = (fs::temp_directory_path() / "assay-store-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    return path;
  }

  const fs::path folder_ = NewFolder();
  CollateralStore store_{folder_ / "new"};
};

TEST_F(Store, GivesBackExactlyWhatWasSaved) {
  ASSERT_TRUE(store_.Save("intel/sgx/00/tcb_info.json", Example()));
  const auto loaded = store_.Load("intel/sgx/00/tcb_info.json");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->body, Example().body);
  EXPECT_EQ(loaded->issuer_chain, Example().issuer_chain);
  EXPECT_EQ(loaded->etag, Example().etag);
  EXPECT_EQ(loaded->url, Example().url);
  EXPECT_EQ(loaded->checked, Example().checked);
  EXPECT_EQ(fs::file_size(folder_ / "new/intel/sgx/00/tcb_info.json"), 100U);
}

TEST_F(Store, AbsentIsMissingAndChangedIsMalformed) {
  EXPECT_EQ(store_.Load("intel/a").error().code, ErrorCode::kMissing);
  for (const char* ending : {"", ".chain", ".meta"}) {
    ASSERT_TRUE(store_.Save("intel/a", Example()));
    std::ofstream(folder_ / "new" / (std::string("intel/a") + ending), std::ios::trunc) << "other";
    EXPECT_EQ(store_.Load("intel/a").error().code, ErrorCode::kMalformed) << ending;
  }
  ASSERT_TRUE(store_.Save("intel/a", Example()));
  EXPECT_TRUE(store_.Load("intel/a"));
}

TEST_F(Store, DoesNotLeaveItsFolder) {
  for (const char* path : {"", "../a", "/etc/a", "a/../b", "a//b", ".lock", "a/.b", "a/", "a b"}) {
    EXPECT_FALSE(store_.Save(path, Example())) << path;
    EXPECT_FALSE(store_.Load(path)) << path;
  }
}

TEST_F(Store, WithoutFolderNothingIsKept) {
  CollateralStore none("");
  EXPECT_TRUE(none.Save("intel/a", Example()));
  EXPECT_FALSE(none.Load("intel/a"));
}

TEST_F(Store, VceksOfOneChipAreBoundedAndTheOldestGoes) {
  for (std::size_t i = 0; i <= limits::kStoreFilesInFolder; ++i) {
    const std::string path = "amd/Milan/00/" + std::to_string(i) + ".der";
    ASSERT_TRUE(store_.Save(path, Example()));
    fs::last_write_time(folder_ / "new" / path, fs::file_time_type{} + std::chrono::hours(i));
  }
  EXPECT_FALSE(store_.Load("amd/Milan/00/0.der"));
  EXPECT_TRUE(store_.Load("amd/Milan/00/1.der"));
  EXPECT_TRUE(store_.Load("amd/Milan/00/" + std::to_string(limits::kStoreFilesInFolder) + ".der"));
}

TEST_F(Store, ReadersNeverSeeHalfOfAnAnswer) {
  ASSERT_TRUE(store_.Save("intel/a", Example()));
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < 100; ++i) {
        if (!store_.Save("intel/a", Example(static_cast<char>('a' + writer), 1000))) ++torn;
      }
      done = true;
    });
  }
  threads.emplace_back([&] {
    while (!done) {
      const auto loaded = store_.Load("intel/a");
      if (!loaded || AsText(loaded->body) != loaded->issuer_chain) ++torn;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace assay
