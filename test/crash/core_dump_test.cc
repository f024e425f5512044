// A core dump that is made on purpose, of a process that holds a vault's keys and uses them.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/digest_signature.h"
#include "crypto/signing_key.h"
#include "keys/operations.h"
#include "keys/passphrase_kek.h"
#include "server/process_memory.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::keys {
namespace {

constexpr Time kNow = Time{std::chrono::seconds{1764590400}};
constexpr int kNoDump = 3;  // the child's status where the system lets nobody make one

enum class Memory { kProtected, kAsItIs };

// What the dump is searched for: an oct key, and a part of an RSA key as DER and as OpenSSL keeps
// its numbers, the least significant byte first.
struct Secrets {
  Bytes oct = ToBytes(Sha256(AsBytes("an oct key of the core dump test")));
  SecretBytes pkcs8;
  Bytes rsa_part, rsa_part_reversed;
};

Secrets MakeSecrets() {
  constexpr std::size_t kPart = 48;
  Secrets out;
  out.pkcs8 = AsymmetricKey::GenerateRsa(2048)->ToPkcs8().value();
  out.rsa_part = ToBytes(out.pkcs8.view().last(kPart));  // of qInv, the last number
  out.rsa_part_reversed.assign(out.rsa_part.rbegin(), out.rsa_part.rend());
  return out;
}

void Require(bool good, int status) {
  if (!good) ::_exit(status);
}

// core(5): what the kernel would write into a dump of this process.
std::string DumpFilter() {
  std::string out;
  std::ifstream("/proc/self/coredump_filter") >> out;
  return out;
}

void UseKeys(Vault& vault, const Secrets& secrets) {
  ImportedKey oct, rsa;
  oct.kind = KeyKind::kOct;
  oct.oct = SecretBytes(View(secrets.oct));
  rsa.pair = AsymmetricKey::FromPkcs8(secrets.pkcs8.view()).value();
  for (const auto& [name, key] : {std::pair("oct", &oct), std::pair("rsa", &rsa)}) {
    const auto made = vault.Import(name, *key, {}, kNow);
    Require(made.has_value(), 1);
    Require(vault.OpenKey(*made).has_value(), 1);
  }
  const UsableKeyPtr signer = *vault.OpenKey(*vault.Get("rsa", ""));
  Require(signer->Sign(DigestSignature::kRs256, Sha256({})).has_value(), 1);
}

void AllowDumps() {
  rlimit most{};
  Require(getrlimit(RLIMIT_CORE, &most) == 0, kNoDump);
  most.rlim_cur = most.rlim_max;
  Require(most.rlim_max != 0 && setrlimit(RLIMIT_CORE, &most) == 0, kNoDump);
}

// As somebody would who wants one in spite of all.
[[noreturn]] void DumpCore() {
  AllowDumps();
  Require(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0, kNoDump);
  ::signal(SIGABRT, SIG_DFL);
  std::abort();
}

[[noreturn]] void HoldKeysAndDump(const std::string& folder, const Secrets& secrets,
                                  Memory memory) {
  Require(::chdir(folder.c_str()) == 0, 1);
  if (memory == Memory::kProtected) {
    // All but what forbids dumps: that cannot be taken back by everybody.
    Require(OpenSecretArena(limits::kSecretArenaBytes).has_value(), 2);
    Require(EmptyDumps().has_value() && DumpFilter() == "00000000", 2);
  }
  PassphraseKeks keks(folder, SecretBytes(AsBytes("a passphrase of the test")), {4, 8, 1});
  const auto store = store::OpenSqliteStore(folder + "/keys.db").value();
  const auto vault = Vault::Open(*store, keks, {}).value();
  UseKeys(*vault, secrets);
  DumpCore();
}

std::string ReadDump(const std::string& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (!file.path().filename().string().starts_with("core")) continue;
    std::ifstream in(file.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  return {};
}

// Empty where no dump can be made.
std::string DumpOf(Memory memory, const Secrets& secrets) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) HoldKeysAndDump(folder.path(), secrets, memory);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == kNoDump) << "the child failed";
  return ReadDump(folder.path());
}

bool Holds(const std::string& dump, View secret) {
  return dump.find(AsText(secret)) != std::string::npos;
}

TEST(CoreDump, MadeOnPurposeHoldsNoKey) {
  const Secrets secrets = MakeSecrets();
  const std::string dump = DumpOf(Memory::kProtected, secrets);
  const std::string open = DumpOf(Memory::kAsItIs, secrets);
  if (open.empty()) {
    std::cout << "core dumps: this system writes none into the working folder: nothing was shown\n";
    return;
  }
  // What would be there, so that the search can find something.
  EXPECT_TRUE(Holds(open, secrets.oct));
  EXPECT_TRUE(Holds(open, secrets.rsa_part));
  EXPECT_TRUE(Holds(open, secrets.rsa_part_reversed));
  ASSERT_FALSE(dump.empty());
  EXPECT_FALSE(Holds(dump, secrets.oct));
  EXPECT_FALSE(Holds(dump, secrets.rsa_part));
  EXPECT_FALSE(Holds(dump, secrets.rsa_part_reversed));
  std::cout << "core dumps: " << open.size() << " bytes as it is, " << dump.size()
            << " bytes protected\n";
}

TEST(CoreDump, IsNotMadeOfAProtectedProcess) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    Require(::chdir(folder.path().c_str()) == 0, 1);
    AllowDumps();
    Require(ProtectMemory(limits::kSecretArenaBytes, false).has_value(), 2);
    ::signal(SIGABRT, SIG_DFL);
    std::abort();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == kNoDump) << WEXITSTATUS(status);
  EXPECT_FALSE(WIFSIGNALED(status) && WCOREDUMP(status));
  EXPECT_EQ(ReadDump(folder.path()), "");
}

}  // namespace
}  // namespace assay::keys
