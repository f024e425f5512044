// Tests against SoftHSM 2: a token of its own for each, in a folder that goes with it. Included by
// tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "keys/pkcs11_token.h"

namespace assay::keys {

class SoftHsmTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(ModulePath())) {
      GTEST_SKIP() << "no PKCS#11 module at " << ModulePath() << ": apt-get install softhsm2";
    }
    std::string pattern = ::testing::TempDir() + "hsmXXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(folder_ + "/tokens");
    std::ofstream(folder_ + "/softhsm2.conf")
        << "directories.tokendir = " << folder_ << "/tokens\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (folder_ + "/softhsm2.conf").c_str(), 1);
    ASSERT_EQ(std::system("softhsm2-util --init-token --free --label assay --pin 1234 "
                          "--so-pin 5678 > /dev/null"),
              0);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  static std::string ModulePath() {
    const char* const given = std::getenv("ASSAY_PKCS11_MODULE");
    return given != nullptr ? given : "/usr/lib/softhsm/libsofthsm2.so";
  }
  static Result<std::shared_ptr<Pkcs11Token>> OpenToken(std::string_view pin = "1234",
                                                        const std::string& label = "assay") {
    return Pkcs11Token::Open({ModulePath(), label, SecretBytes(AsBytes(pin))});
  }

  std::string folder_;
};

}  // namespace assay::keys
