#include "keys/passphrase_kek.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace assay::keys {
namespace {

namespace fs = std::filesystem;

constexpr ScryptCost kCheap{4, 8, 1};

class PassphraseKek : public ::testing::Test {
 protected:
  PassphraseKek() {
    std::string pattern = ::testing::TempDir() + "kekXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~PassphraseKek() override { fs::remove_all(folder_); }

  PassphraseKeks Keks(std::string_view passphrase) const {
    return {folder_, SecretBytes(AsBytes(passphrase)), kCheap};
  }
  std::string Write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string folder_;
};

const Bytes kContext = ToBytes(AsBytes("context"));

TEST_F(PassphraseKek, UnwrapsWhatItWrappedAfterARestart) {
  PassphraseKeks first = Keks("correct horse battery");
  const KekPtr kek = first.Make().value();
  const SecretBytes secret = RandomSecret(32).value();
  const Bytes wrapped = kek->Wrap(kContext, secret).value();
  PassphraseKeks second = Keks("correct horse battery");
  const auto found = second.Find(kek->id());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(Equal((*found)->Unwrap(kContext, wrapped)->view(), secret.view()));
}

TEST_F(PassphraseKek, RefusesAnotherPassphrase) {
  PassphraseKeks first = Keks("correct horse battery");
  const std::string id = first.Make().value()->id();
  PassphraseKeks other = Keks("correct horse batterz");
  const auto found = other.Find(id);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(PassphraseKek, RefusesAnotherContextAndChangedBytes) {
  PassphraseKeks keks = Keks("correct horse battery");
  const KekPtr kek = keks.Make().value();
  Bytes wrapped = kek->Wrap(kContext, SecretBytes(32)).value();
  EXPECT_FALSE(kek->Unwrap(ToBytes(AsBytes("contexT")), wrapped));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    Bytes changed = wrapped;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(kek->Unwrap(kContext, changed)) << i;
    changed.resize(i);
    EXPECT_FALSE(kek->Unwrap(kContext, changed)) << i;
  }
  EXPECT_FALSE(keks.Make().value()->Unwrap(kContext, wrapped));
}

TEST_F(PassphraseKek, NoByteOfItsFileCanBeChanged) {
  PassphraseKeks keks = Keks("correct horse battery");
  const std::string id = keks.Make().value()->id();
  const std::string path = folder_ + "/kek-" + id + ".json";
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const std::string good = text.str();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    Write("kek-" + id + ".json", changed);
    EXPECT_FALSE(Keks("correct horse battery").Find(id)) << i << ": " << changed;
  }
  Write("kek-" + id + ".json", good);
  EXPECT_TRUE(Keks("correct horse battery").Find(id));
}

TEST_F(PassphraseKek, TellsThatAFileIsMissing) {
  EXPECT_EQ(Keks("correct horse battery").Find(std::string(32, '0')).error().code,
            ErrorCode::kMissing);
}

TEST_F(PassphraseKek, ItsIdIsNoPath) {
  EXPECT_EQ(Keks("correct horse battery").Find("../../etc/passwd").error().code,
            ErrorCode::kMalformed);
}

TEST_F(PassphraseKek, RefusesACostOutOfBounds) {
  for (const char* const cost :
       {R"("logN":21,"r":8,"p":1)", R"("logN":4,"r":64,"p":1)", R"("logN":4,"r":8,"p":100)",
        R"("logN":0,"r":8,"p":1)", R"("logN":99999999999,"r":8,"p":1)"}) {
    const std::string id(32, 'a');
    Write("kek-" + id + ".json", R"({"version":1,"id":")" + id + R"(","kdf":{"name":"scrypt",)" +
                                     cost + R"(,"salt":"AAAA"},"sealed":"AAAA"})");
    EXPECT_FALSE(Keks("correct horse battery").Find(id)) << cost;
  }
}

TEST_F(PassphraseKek, ItsFileIsItsOwnersAlone) {
  const std::string id = Keks("correct horse battery").Make().value()->id();
  const std::string path = folder_ + "/kek-" + id + ".json";
  struct stat about {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  chmod(path.c_str(), 0644);
  EXPECT_FALSE(Keks("correct horse battery").Find(id));
}

TEST_F(PassphraseKek, APassphraseFileIsReadWithoutItsNewline) {
  const auto read = ReadPassphrase(Write("pass", "correct horse battery\n"));
  ASSERT_TRUE(read);
  EXPECT_EQ(AsText(read->view()), "correct horse battery");
}

TEST_F(PassphraseKek, APassphraseFileThatOthersReadOrThatIsShortIsRefused) {
  EXPECT_FALSE(ReadPassphrase(Write("open", "correct horse battery", 0640)));
  EXPECT_FALSE(ReadPassphrase(Write("short", "elevenbytes")));
  EXPECT_FALSE(ReadPassphrase(Write("long", std::string(2000, 'a'))));
  EXPECT_FALSE(ReadPassphrase(folder_));
  EXPECT_FALSE(ReadPassphrase(folder_ + "/none"));
}

}  // namespace
}  // namespace assay::keys
