// The process is killed at any moment while clients make, change, rotate, delete and import keys,
// and while the key-encryption key is rotated: what was acknowledged is there, whole, after the
// next start; nothing is there in part; and no file holds key material in the clear.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "keys/operations.h"
#include "keys/passphrase_kek.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::keys {
namespace {

constexpr Time kStart = Time{std::chrono::seconds{1764590400}};
// All imported keys are derived from it, so that the scan knows what to look for.
constexpr std::string_view kSeed = "key crash test ";

enum class Said : char { kCurrent = 'c', kDisabled = 'd', kDeleted = 'x' };

// What a client was told: this is the key's current version; it is disabled; it is deleted.
struct KeyTold {
  Said said;
  char name[40];
  char version[32];
};

struct OpenedFolder {
  explicit OpenedFolder(const std::string& folder)
      : keks(folder, SecretBytes(AsBytes("a passphrase of the test")), {4, 8, 1}),
        store(store::GroupCommits(store::OpenSqliteStore(folder + "/keys.db").value())),
        vault(Vault::Open(*store, keks, {}).value()) {}

  PassphraseKeks keks;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Vault> vault;
};

void TellKey(int pipe, Said said, const std::string& name, const std::string& version) {
  KeyTold told{};
  told.said = said;
  std::strncpy(told.name, name.c_str(), sizeof told.name - 1);
  std::memcpy(told.version, version.data(), std::min(version.size(), sizeof told.version));
  if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
}

Bytes SecretOf(const std::string& name) {
  return ToBytes(Sha256(AsBytes(std::string(kSeed) + name)));
}

template <typename T>
T Must(Outcome<T> outcome, int status) {
  if (!outcome) ::_exit(status);
  return std::move(*outcome);
}

// The life of one key after the other, for ever.
void LiveWithKeys(Vault& vault, int pipe, const std::string& prefix) {
  for (int i = 0;; ++i) {
    const std::string name = prefix + std::to_string(i);
    ImportedKey oct;
    oct.kind = KeyKind::kOct;
    oct.oct = SecretBytes(View(SecretOf(name)));
    TellKey(pipe, Said::kCurrent, name, Must(vault.Import(name, oct, {}, kStart), 2).version);
    TellKey(pipe, Said::kCurrent, name, Must(vault.Rotate(name, kStart), 3).version);
    if (i % 3 == 1) {
      KeyProperties off;
      off.enabled = false;
      TellKey(pipe, Said::kDisabled, name, Must(vault.Update(name, "", off, kStart), 4).version);
    } else if (i % 3 == 2) {
      TellKey(pipe, Said::kDeleted, name, Must(vault.Delete(name, kStart), 5).current.version);
    }
  }
}

[[noreturn]] void LiveUntilKilled(const std::string& folder, int round, int pipe) {
  OpenedFolder opened(folder);
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      LiveWithKeys(*opened.vault, pipe,
                   "r" + std::to_string(round) + "-" + std::to_string(i) + "-");
    });
  }
  clients.emplace_back([&] {
    while (opened.vault->data_keys().RotateKek({})) {
    }
    ::_exit(6);
  });
  for (std::thread& one : clients) one.join();
  ::_exit(7);
}

std::vector<KeyTold> KillKeysAfter(std::chrono::microseconds time, const std::string& folder,
                                   int round) {
  int pipe[2];
  if (::pipe(pipe) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) LiveUntilKilled(folder, round, pipe[1]);
  ::close(pipe[1]);
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
  std::vector<KeyTold> out;
  KeyTold told{};
  while (::read(pipe[0], &told, sizeof told) == sizeof told) out.push_back(told);
  ::close(pipe[0]);
  return out;
}

// The last that was told of a key, or what was committed after it and not told any more.
void ExpectKept(Vault& vault, const std::string& name, const KeyTold& told) {
  const std::string version(told.version, sizeof told.version);
  if (told.said == Said::kDeleted) {
    const auto deleted = vault.GetDeleted(name);
    ASSERT_TRUE(deleted) << name << ": " << deleted.error().message;
    return;
  }
  auto kept = vault.Get(name, version);
  if (!kept) {
    const auto deleted = vault.GetDeleted(name);
    ASSERT_TRUE(deleted) << name << ": lost: " << kept.error().message;
    return;
  }
  if (told.said == Said::kDisabled) {
    EXPECT_FALSE(kept->attributes.enabled) << name;
  }
}

// Each version that is there opens, and its material fits its metadata.
std::size_t ExpectAllWhole(Vault& vault) {
  std::size_t out = 0;
  std::string after;
  do {
    const auto page = vault.List(after, limits::kKeysPage);
    EXPECT_TRUE(page) << page.error().message;
    if (!page) return out;
    for (const KeyVersion& key : page->items) {
      const auto versions = vault.ListVersions(key.name, "", limits::kKeysPage);
      EXPECT_TRUE(versions) << versions.error().message;
      for (const KeyVersion& one : versions->items) {
        EXPECT_TRUE(vault.OpenKey(one)) << one.name;
        ++out;
      }
    }
    after = page->next;
  } while (!after.empty());
  return out;
}

// Of all files that are there, the write-ahead log included.
std::string AllFiles(const std::string& folder) {
  std::string out;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    out.append(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

void ExpectNoPlaintext(const std::string& files, const std::string& name) {
  const Bytes secret = SecretOf(name);
  // Base64 of whole groups within it, as it may begin anywhere in a group.
  for (std::size_t skip = 0; skip < 3; ++skip) {
    const std::string text = Base64UrlEncode(View(secret).subspan(skip, 27));
    EXPECT_EQ(files.find(text), std::string::npos) << name;
  }
  EXPECT_EQ(files.find(AsText(secret)), std::string::npos) << name;
  EXPECT_EQ(files.find(HexEncode(secret)), std::string::npos) << name;
}

TEST(KeyCrash, NoAcknowledgedKeyIsLostAndNoneIsThereInPart) {
  constexpr int kRounds = 500;
  const TemporaryFolder folder;
  std::minstd_rand random(20261126);
  std::uniform_int_distribution<int> microseconds(4'000, 80'000);
  std::map<std::string, KeyTold> acknowledged;
  std::size_t told = 0;
  std::size_t versions = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::map<std::string, KeyTold> fresh;
    for (const KeyTold& one :
         KillKeysAfter(std::chrono::microseconds(microseconds(random)), folder.path(), round)) {
      ++told;
      fresh[one.name] = one;
    }
    OpenedFolder opened(folder.path());
    for (const auto& [name, one] : fresh) ExpectKept(*opened.vault, name, one);
    acknowledged.insert(fresh.begin(), fresh.end());
    // All of them at times, as that takes long.
    if (round % 100 != 99) continue;
    for (const auto& [name, one] : acknowledged) ExpectKept(*opened.vault, name, one);
    versions = ExpectAllWhole(*opened.vault);
    const std::string files = AllFiles(folder.path());
    for (const auto& [name, one] : fresh) ExpectNoPlaintext(files, name);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(acknowledged.size(), 50U);
  EXPECT_GT(versions, acknowledged.size());
  std::cout << kRounds << " kills: " << told << " acknowledgements of " << acknowledged.size()
            << " keys kept; " << versions << " versions whole\n";
}

}  // namespace
}  // namespace assay::keys
