// Acknowledged ledger entries per second, beside what the same disk allows in the same run.
//
//   assay_ledger_bench FOLDER [SECONDS]
//   assay_ledger_bench FOLDER growth ENTRIES     what its size costs, up to so many entries
//
// FOLDER is on the disk to measure. Each number of writers begins with a new ledger; before and
// after it, one thread appends 4 KiB to a file and flushes it, again and again. 1,024 writers are
// measured a second time with the disk made slower: a commit takes at least a hundredth of a
// second. Prints one JSON object. Exits with 1 when 1,024 writers get fewer than 200 entries for
// each flush of the ledger, or fewer than 20,000 a second of the slower disk.
#include "ledger/ledger.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "ledger_growth.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void GiveUp(const std::string& why) {
  fmt::print(stderr, "ledger: {}\n", why);
  std::exit(2);
}

// Flushes per second of one thread that appends pages.
double FlushesPerSecond(const std::string& folder, double seconds) {
  const std::string path = folder + "/flush";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) GiveUp("cannot write to " + folder);
  const std::string page(4096, 'x');
  const auto start = Clock::now();
  std::size_t count = 0;
  std::chrono::duration<double> took{};
  while (took.count() < seconds) {
    if (::write(file, page.data(), page.size()) != 4096 || ::fsync(file) != 0) {
      GiveUp("cannot flush " + path);
    }
    ++count;
    took = Clock::now() - start;
  }
  ::close(file);
  std::filesystem::remove(path);
  return static_cast<double>(count) / took.count();
}

constexpr double kSlowFlushes = 100;  // per second

// Counts commits: each of a store with synchronous=FULL flushes once.
class CountingStore final : public store::Store {
 public:
  // `most`: commits per second that the disk allows; 0: as many as it does.
  CountingStore(std::unique_ptr<store::Store> inner, double most)
      : inner_(std::move(inner)), least_(most > 0 ? 1 / most : 0) {}
  Result<std::optional<store::Entry>> Get(View key) override { return inner_->Get(key); }
  Result<std::vector<store::Entry>> Scan(View prefix, View after, std::size_t limit) override {
    return inner_->Scan(prefix, after, limit);
  }
  Result<std::uint64_t> Commit(const store::Batch& batch) override {
    ++commits;
    const auto begin = Clock::now();
    auto out = inner_->Commit(batch);
    if (least_.count() > 0) std::this_thread::sleep_until(begin + least_);
    return out;
  }
  Result<std::uint64_t> Version() override { return inner_->Version(); }

  std::atomic<std::size_t> commits{0};

 private:
  const std::unique_ptr<store::Store> inner_;
  const std::chrono::duration<double> least_;  // that a commit takes
};

struct Throughput {
  std::size_t writers = 0;
  double entries = 0, commits = 0, flushes = 0;  // each per second
  double PerCommit() const { return commits > 0 ? entries / commits : 0; }
};

// `most`: commits per second that the disk allows; 0: as many as it does.
Throughput MeasureWriters(const std::string& folder, std::size_t writers, double seconds,
                          double most = 0) {
  const std::string file = fmt::format("{}/ledger-{}-{}.db", folder, writers, most);
  auto sqlite = store::OpenSqliteStore(file);
  if (!sqlite) GiveUp(sqlite.error().message);
  CountingStore store(std::move(*sqlite), most);
  auto key = Ed25519Key::Generate();
  auto data_key = RandomSecret(ledger::kDataKeyBytes);
  if (!key || !data_key) GiveUp("no random bytes");
  auto opened = ledger::Ledger::Open(store, {"bench.example", *key, std::move(*data_key)});
  if (!opened) GiveUp(opened.error().message);
  Throughput out;
  out.writers = writers;
  out.flushes = FlushesPerSecond(folder, seconds / 4);
  store.commits = 0;
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < writers; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint64_t n = i << 32U; !stop; ++n) {
        const auto index = (*opened)->Append(DecisionOf(n));
        if (!index) GiveUp(index.error().message);
        ++acknowledged;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (std::thread& one : threads) one.join();
  const std::chrono::duration<double> took = Clock::now() - start;
  out.entries = static_cast<double>(acknowledged) / took.count();
  out.commits = static_cast<double>(store.commits) / took.count();
  out.flushes = (out.flushes + FlushesPerSecond(folder, seconds / 4)) / 2;
  return out;
}

json::Object ThroughputJson(const Throughput& one) {
  return {{"writers", static_cast<std::int64_t>(one.writers)},
          {"entries_per_second", one.entries},
          {"commits_per_second", one.commits},
          {"entries_per_commit", one.PerCommit()},
          {"disk_flushes_per_second", one.flushes}};
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 2) {
    fmt::print(stderr, "usage: assay_ledger_bench FOLDER [SECONDS | growth ENTRIES]\n");
    return 2;
  }
  if (argc > 3 && std::string_view(argv[2]) == "growth") {
    return bench::MeasureGrowth(argv[1], std::strtoull(argv[3], nullptr, 10));
  }
  const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
  json::Array results;
  bool enough = true;
  for (const std::size_t writers : {std::size_t{1}, std::size_t{64}, std::size_t{1024}}) {
    const bench::Throughput one = bench::MeasureWriters(argv[1], writers, seconds);
    if (writers == 1024) enough = one.PerCommit() >= 200;
    results.emplace_back(bench::ThroughputJson(one));
  }
  const bench::Throughput slow = bench::MeasureWriters(argv[1], 1024, seconds, bench::kSlowFlushes);
  enough = enough && slow.entries >= 20'000;
  fmt::print("{}\n", json::WritePretty(json::Object{{"ledger", std::move(results)},
                                                    {"slow_disk", bench::ThroughputJson(slow)}}));
  return enough ? 0 : 1;
}
