// `assay key` on a state folder, with a passphrase and with SoftHSM 2.
#include "cli/key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "server/state_dir.h"
#include "support/temporary_folder.h"

namespace assay::cli {
namespace {

class KeyCommand : public testing::Test {
 protected:
  KeyCommand() {
    Put("kek.pass", "correct horse battery", 0600);
    Put("pin", "1234", 0600);
    EXPECT_TRUE(MakeStateDir(State()));
  }
  std::string State() const { return folder_.path() + "/state"; }
  std::string Put(const std::string& name, std::string_view text, mode_t mode = 0644) const {
    const std::string path = folder_.path() + "/" + name;
    EXPECT_TRUE(WriteFile(path, AsBytes(text)));
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  Options Given(std::string name) const {
    Options out;
    out.state_dir = State();
    out.key_passphrase_file = folder_.path() + "/kek.pass";
    out.key_name = std::move(name);
    out.json = true;
    return out;
  }
  // As `assay serve` does at its first start.
  void MakeVault(const Options& options) const {
    const auto files = OpenVaultFiles(State(), KekOptionsOf(options));
    ASSERT_TRUE(files) << files.error().message;
    ASSERT_TRUE(keys::Vault::Open(*files->store, *files->keks, {}, files->hsm.get()));
  }
  // What a command prints.
  static json::Value Printed(Result<int> (*command)(const Options&), const Options& options) {
    testing::internal::CaptureStdout();
    const Result<int> done = command(options);
    std::fflush(stdout);
    const std::string text = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done) << done.error().message;
    return json::Parse(text).value_or(json::Value());
  }
  static std::string Member(const json::Value& value, std::string_view name) {
    const json::Value* const found = value.Find(name);
    return found != nullptr && found->AsString() != nullptr ? *found->AsString() : "";
  }

  TemporaryFolder folder_;
};

TEST_F(KeyCommand, CreatesAKeyAndShowsIt) {
  Options options = Given("signer");
  options.key_type = "EC";
  options.key_curve = "P-384";
  options.key_ops = {"sign"};
  MakeVault(options);
  const json::Value made = Printed(RunKeyCreate, options);
  EXPECT_EQ(Member(made, "kty"), "EC");
  EXPECT_EQ(Member(made, "crv"), "P-384");
  EXPECT_EQ(json::Write(*made.Find("key_ops")), R"(["sign"])");
  EXPECT_FALSE(*made.Find("exportable")->AsBool());
  const json::Value shown = Printed(RunKeyShow, options);
  EXPECT_EQ(json::Write(shown), json::Write(made));
  const json::Value second = Printed(RunKeyCreate, options);
  EXPECT_EQ(Member(Printed(RunKeyShow, options), "version"), Member(second, "version"));
  options.key_version = Member(made, "version");
  EXPECT_EQ(Member(Printed(RunKeyShow, options), "x"), Member(made, "x"));
}

TEST_F(KeyCommand, AKeyWithAReleasePolicyIsExportableAndThePolicyIsRead) {
  Options options = Given("leaves");
  MakeVault(options);
  options.release_policy = Put("bad.json", R"({"version":"1.0.0"})");
  EXPECT_FALSE(RunKeyCreate(options));
  options.release_policy = Put(
      "policy.json",
      R"({"version":"1.0.0","anyOf":[{"authority":"https://a.example/","allOf":[{"claim":"tee","equals":"snp"}]}]})");
  EXPECT_TRUE(*Printed(RunKeyCreate, options).Find("exportable")->AsBool());
}

TEST_F(KeyCommand, SaysWhatIsWrong) {
  Options options = Given("k");
  EXPECT_EQ(RunKeyCreate(options).error().code, ErrorCode::kMissing);  // there is no vault
  MakeVault(options);
  EXPECT_EQ(RunKeyShow(options).error().code, ErrorCode::kMissing);
  options.key_size = 1024;
  EXPECT_EQ(RunKeyCreate(options).error().code, ErrorCode::kInvalidArgument);
  options.key_size = 0;
  options.key_type = "RSA-HSM";
  EXPECT_NE(RunKeyCreate(options).error().message.find("needs an HSM"), std::string::npos);
  options.key_type = "RSA";
  options.kek_to = "hsm";
  EXPECT_NE(RunKeyRotateKek(options).error().message.find("was not given"), std::string::npos);
  options.kek_to.clear();
  options.key_tpm = "device:/dev/null";
  EXPECT_NE(RunKeyRotateKek(options).error().hint.find("--to"), std::string::npos);
}

TEST_F(KeyCommand, MakesKeysInTheHsmAndMovesTheKekIntoItAndBack) {
  const std::string module = "/usr/lib/softhsm/libsofthsm2.so";
  if (!std::filesystem::exists(module)) GTEST_SKIP() << "no SoftHSM 2: apt-get install softhsm2";
  std::filesystem::create_directory(folder_.path() + "/tokens");
  setenv("SOFTHSM2_CONF",
         Put("softhsm2.conf", "directories.tokendir = " + folder_.path() + "/tokens\n").c_str(), 1);
  ASSERT_EQ(std::system("softhsm2-util --init-token --free --label assay --pin 1234 --so-pin 5678 "
                        "> /dev/null"),
            0);
  const Options passphrase = Given("k");
  MakeVault(passphrase);
  Options both = passphrase;
  both.hsm_module = module;
  both.hsm_token = "assay";
  both.hsm_pin_file = folder_.path() + "/pin";
  both.key_type = "EC-HSM";
  const json::Value made = Printed(RunKeyCreate, both);
  EXPECT_EQ(Member(made, "kty"), "EC-HSM");
  EXPECT_EQ(Member(made, "hsmObject").size(), 32U);

  both.kek_to = "hsm";
  Printed(RunKeyRotateKek, both);
  Options hsm = both;
  hsm.key_passphrase_file.clear();
  EXPECT_EQ(Member(Printed(RunKeyShow, hsm), "x"), Member(made, "x"));
  EXPECT_FALSE(RunKeyShow(passphrase));
  both.kek_to = "passphrase";
  Printed(RunKeyRotateKek, both);
  EXPECT_EQ(Member(Printed(RunKeyShow, passphrase), "x"), Member(made, "x"));
}

}  // namespace
}  // namespace assay::cli
