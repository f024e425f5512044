#include "keys.h"

#include <fmt/core.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "crypto/jose.h"
#include "keys/local_kek.h"
#include "keys/release_export.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
using namespace keys;

constexpr Time kNow{std::chrono::seconds{1'800'000'000}};
constexpr std::size_t kMany = 100'000, kPage = 25;
constexpr double kMostGrowth = 1.5;  // a tree of 10^5 entries is two levels deeper than one of 25

class OneKek final : public KekKeeper {
 public:
  Result<KekPtr> Make() override { return kek_; }
  Result<KekPtr> Find(const std::string&) override { return kek_; }

 private:
  const KekPtr kek_ = MakeLocalKek("kek", RandomSecret(32).value());
};

[[noreturn]] void Give(const std::string& why) {
  fmt::print(stderr, "bench: keys: {}\n", why);
  std::exit(2);
}

std::string NameOf(std::size_t number) { return fmt::format("key-{:06}", number); }

// A vault in a folder of its own, which goes with it.
class VaultOnDisk {
 public:
  explicit VaultOnDisk(std::size_t keys) : count_(keys) {
    std::string pattern = (fs::temp_directory_path() / "assay-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) Give("no temporary folder");
    folder_ = pattern;
    auto sqlite = store::OpenSqliteStore((folder_ / "keys.db").string());
    if (!sqlite) Give(sqlite.error().message);
    store_ = store::GroupCommits(std::move(*sqlite));
    vault_ = Vault::Open(*store_, keks_, {}).value();
    Fill();
  }
  ~VaultOnDisk() {
    vault_.reset();
    store_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  VaultOnDisk(const VaultOnDisk&) = delete;
  VaultOnDisk& operator=(const VaultOnDisk&) = delete;

  void Release() {
    const auto found = FindReleasable(*vault_, Next(), "");
    if (!found || !ExportForRelease(*vault_, *found, to_, OaepHash::kSha256)) {
      Give("a key was not released");
    }
  }
  void Find() {
    if (!vault_->Get(Next(), "")) Give("a key was not found");
  }
  void ListPage() {
    const auto page = vault_->List(count_ > kPage ? NameOf(count_ / 2) : std::string(), kPage);
    if (!page || page->items.size() != kPage) Give("a page is not full");
  }
  void ListAll() {
    std::size_t seen = 0;
    std::string after;
    do {
      const auto page = vault_->List(after, kPage);
      if (!page) Give("a page was not listed");
      seen += page->items.size();
      after = page->next;
    } while (!after.empty());
    if (seen != count_) Give("not all keys were listed");
  }

 private:
  // Many clients at a time, whose commits share the flushes of the disk.
  void Fill() {
    constexpr std::size_t kClients = 64;
    KeyProperties properties;
    properties.exportable = true;
    properties.release_policy =
        ReleasePolicy{"", ToBytes(AsBytes(R"({"version":"1.0.0"})")), false};
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
      clients.emplace_back([&] {
        for (std::size_t number = next++; number < count_; number = next++) {
          ImportedKey key;
          key.kind = KeyKind::kOct;
          key.oct = RandomSecret(32).value();
          if (!vault_->Import(NameOf(number), key, properties, kNow)) Give("a key was not made");
        }
      });
    }
    for (std::thread& one : clients) one.join();
  }

  // Another one each time, from all over.
  std::string Next() {
    constexpr std::size_t kStride = 7919;
    at_ = (at_ + kStride) % count_;
    return NameOf(at_);
  }

  const PublicKey to_ = [] {
    const auto parts = AsymmetricKey::GenerateRsa(2048)->RsaPublic().value();
    return RsaPublicKey(parts.n, parts.e).value();
  }();
  const std::size_t count_;
  fs::path folder_;
  OneKek keks_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Vault> vault_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Measured> MeasureKeys() {
  const auto many = std::make_shared<VaultOnDisk>(kMany);
  const auto few = std::make_shared<VaultOnDisk>(kPage);
  const auto small_list = [few] {
    for (std::size_t i = 0; i < kMany / kPage; ++i) few->ListAll();
  };
  return {Measure({"keys_release",
                   [few] { few->Release(); },
                   {},
                   [many] { many->Release(); },
                   kMostGrowth,
                   101,
                   20}),
          Measure({"keys_find",
                   [few] { few->Find(); },
                   {},
                   [many] { many->Find(); },
                   kMostGrowth,
                   101,
                   20}),
          Measure({"keys_page",
                   [few] { few->ListPage(); },
                   {},
                   [many] { many->ListPage(); },
                   kMostGrowth,
                   101,
                   5}),
          Measure({"keys_list", small_list, {}, [many] { many->ListAll(); }, kMostGrowth, 3, 1})};
}

}  // namespace assay::bench
