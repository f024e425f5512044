// The process is killed at any moment while keys are made, rotated and purged in SoftHSM 2: what
// was acknowledged signs after the next start, and after a sweep the token holds the objects of the
// versions that are there, and no others.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "base/limits.h"
#include "keys/operations.h"
#include "keys/passphrase_kek.h"
#include "keys/pkcs11_hsm.h"
#include "keys/pkcs11_session.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::keys {
namespace {

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr Time kMade = Time{std::chrono::seconds{1764590400}};
constexpr Time kSwept = kMade + limits::kHsmKeyRecordedWithin + std::chrono::seconds(1);

// What was acknowledged of a key: its current version; none: it was purged.
struct HsmTold {
  char name[32];
  char version[32];
  bool purged;
};

struct OpenedHsm {
  explicit OpenedHsm(const std::string& folder)
      : token(Pkcs11Token::Open({kModule, "assay", SecretBytes(AsBytes("1234"))}).value()),
        hsm(Pkcs11Hsm::Open(token).value()),
        keks(folder, SecretBytes(AsBytes("a passphrase of the test")), {4, 8, 1}),
        store(store::OpenSqliteStore(folder + "/keys.db").value()),
        vault(Vault::Open(*store, keks, {}, hsm.get()).value()) {}

  std::shared_ptr<Pkcs11Token> token;
  std::unique_ptr<Pkcs11Hsm> hsm;
  PassphraseKeks keks;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Vault> vault;
};

void TellHsm(int pipe, const std::string& name, const std::string& version) {
  HsmTold told{};
  std::strncpy(told.name, name.c_str(), sizeof told.name - 1);
  std::memcpy(told.version, version.data(), std::min(version.size(), sizeof told.version));
  told.purged = version.empty();
  if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
}

[[noreturn]] void MakeUntilKilled(const std::string& folder, int round, int pipe) {
  OpenedHsm opened(folder);
  KeySpec spec;
  spec.kind = KeyKind::kEc;
  spec.hsm = true;
  for (int i = 0;; ++i) {
    const std::string name = "r" + std::to_string(round) + "-" + std::to_string(i);
    const auto made = opened.vault->Create(name, spec, {}, kMade);
    if (!made) ::_exit(2);
    TellHsm(pipe, name, made->version);
    const auto rotated = opened.vault->Rotate(name, kMade);
    if (!rotated) ::_exit(3);
    TellHsm(pipe, name, rotated->version);
    if (i % 2 == 0) continue;
    if (!opened.vault->Delete(name, kMade) || !opened.vault->Purge(name)) ::_exit(4);
    TellHsm(pipe, name, "");
  }
}

std::vector<HsmTold> KillHsmAfter(std::chrono::microseconds time, const std::string& folder,
                                  int round) {
  int pipe[2];
  if (::pipe(pipe) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) MakeUntilKilled(folder, round, pipe[1]);
  ::close(pipe[1]);
  std::vector<HsmTold> out;
  HsmTold told{};
  // The time counts from the first key.
  if (::read(pipe[0], &told, sizeof told) == sizeof told) out.push_back(told);
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
  while (::read(pipe[0], &told, sizeof told) == sizeof told) out.push_back(told);
  ::close(pipe[0]);
  return out;
}

std::size_t ObjectsIn(Pkcs11Token& token) {
  Pkcs11Session session = token.Session().value();
  Pkcs11Template wanted;
  wanted.Octets(CKA_LABEL, AsBytes("assay-key"));
  return session.Find(wanted, 100000)->size();
}

// Each signs; the objects that they have.
std::size_t ExpectAllSign(Vault& vault) {
  std::size_t out = 0;
  std::string after;
  do {
    const auto page = vault.List(after, limits::kKeysPage).value();
    for (const KeyVersion& key : page.items) {
      const auto versions = vault.ListVersions(key.name, "", limits::kKeysPage).value();
      for (const KeyVersion& one : versions.items) {
        const OperationRequest request{Operation::kSign, "ES256", Bytes(32)};
        const auto made = Perform(vault, one.name, one.version, request, kMade);
        EXPECT_TRUE(made) << one.name << ": " << made.error().message;
        out += 2;
      }
    }
    after = page.next;
  } while (!after.empty());
  // A deleted key that is not purged yet keeps its objects.
  return out + 4 * vault.ListDeleted("", limits::kKeysPage)->items.size();
}

TEST(HsmCrash, WhatWasAcknowledgedSignsAndNothingElseStaysInTheToken) {
  if (!std::filesystem::exists(kModule)) GTEST_SKIP() << "no SoftHSM 2: apt-get install softhsm2";
  // On a busy machine fewer keys are told in a round: then there are more rounds.
  constexpr int kRounds = 25, kMostRounds = 100;
  constexpr std::size_t kEnough = 26;
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() + "/tokens");
  std::ofstream(folder.path() + "/softhsm2.conf")
      << "directories.tokendir = " << folder.path() << "/tokens\nlog.level = ERROR\n";
  setenv("SOFTHSM2_CONF", (folder.path() + "/softhsm2.conf").c_str(), 1);
  ASSERT_EQ(std::system("softhsm2-util --init-token --free --label assay --pin 1234 --so-pin 5678 "
                        "> /dev/null"),
            0);
  std::mt19937 random(20261126);
  std::uniform_int_distribution<int> micros(0, 60'000);
  std::map<std::string, HsmTold> told;
  std::size_t orphans = 0;
  for (int round = 0; round < kRounds || (told.size() < kEnough && round < kMostRounds); ++round) {
    for (const HsmTold& one :
         KillHsmAfter(std::chrono::microseconds(micros(random)), folder.path(), round)) {
      told[one.name] = one;
    }
    const OpenedHsm opened(folder.path());
    const std::size_t before = ObjectsIn(*opened.token);
    const Swept swept = opened.vault->Sweep(kSwept);
    EXPECT_TRUE(swept.failed.empty()) << swept.failed.front();
    const std::size_t after = ObjectsIn(*opened.token);
    EXPECT_EQ(after, ExpectAllSign(*opened.vault)) << "round " << round;
    orphans += before - after;
  }
  const OpenedHsm opened(folder.path());
  for (const auto& [name, one] : told) {
    const bool stays = (name.back() - '0') % 2 == 0;  // by its number
    const std::string version(one.version, one.purged ? 0 : sizeof one.version);
    const auto kept = opened.vault->Get(name, version);
    if (stays) {
      EXPECT_TRUE(kept) << name << ": lost";
    }
    if (one.purged) {
      EXPECT_FALSE(kept) << name;
    }
  }
  std::printf("%zu keys told, %zu objects swept that no version spoke for\n", told.size(), orphans);
  EXPECT_GE(told.size(), kEnough);
}

}  // namespace
}  // namespace assay::keys
