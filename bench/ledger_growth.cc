#include "ledger_growth.h"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "base/json.h"
#include "ledger/ledger.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kGrowthWriters = 1500;
constexpr int kProofs = 1000;

// One key for all processes of the run.
ledger::LedgerKeys GrowthKeys() {
  return {"growth.example", Ed25519Key::FromSeed(Bytes(32, std::byte{5})).value(),
          SecretBytes(View(Bytes(ledger::kDataKeyBytes, std::byte{6})))};
}

// A failure ends the program: there is nothing to measure.
void Grow(ledger::Ledger& ledger, std::uint64_t from, std::uint64_t to) {
  std::atomic<std::uint64_t> next{from};
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kGrowthWriters; ++i) {
    writers.emplace_back([&] {
      for (std::uint64_t n = next++; n < to; n = next++) ledger.Append(DecisionOf(n)).value();
    });
  }
  for (std::thread& one : writers) one.join();
}

double MicrosecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count();
}

// Memory of this process that no file backs, in KiB.
std::int64_t AnonymousKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::atoll(line.c_str() + 8);
  }
  return 0;
}

struct AtSize {
  double open_us = 0, first_proof_us = 0, proof_us = 0;
  std::int64_t memory_kib = 0;
};

AtSize MeasureHere(const std::string& file, std::uint64_t size) {
  AtSize out;
  const std::int64_t memory = AnonymousKiB();
  const auto start = SteadyClock::now();
  const auto store = store::OpenSqliteStore(file).value();
  const auto ledger = ledger::Ledger::Open(*store, GrowthKeys()).value();
  out.open_us = MicrosecondsSince(start);
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::uint64_t> index(0, size - 1);
  const auto first = SteadyClock::now();
  ledger->Prove(index(random)).value();
  out.first_proof_us = MicrosecondsSince(first);
  const auto proofs = SteadyClock::now();
  for (int i = 0; i < kProofs; ++i) ledger->Prove(index(random)).value();
  out.proof_us = MicrosecondsSince(proofs) / kProofs;
  out.memory_kib = AnonymousKiB() - memory;
  return out;
}

// In a process of its own, which remembers nothing of how the ledger grew.
AtSize MeasureApart(const std::string& file, std::uint64_t size) {
  int pipe[2];
  if (::pipe(pipe) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    const AtSize measured = MeasureHere(file, size);
    ::_exit(::write(pipe[1], &measured, sizeof measured) == sizeof measured ? 0 : 1);
  }
  ::close(pipe[1]);
  AtSize out;
  if (::read(pipe[0], &out, sizeof out) != sizeof out) std::abort();
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return out;
}

}  // namespace

ledger::Record DecisionOf(std::uint64_t n) {
  ledger::Record out;
  out.verdict = ledger::RecordVerdict::kPermitted;
  out.time = FromUnixSeconds(static_cast<std::int64_t>(1'764'590'400 + n));
  out.subject = "machine/" + std::to_string(n);
  out.evidence = Sha256(AsBytes(out.subject));
  out.policy = Sha256Digest{};
  out.collateral = {Sha256Digest{}};
  out.build = Sha256Digest{};
  out.configuration = Sha256Digest{};
  return out;
}

int MeasureGrowth(const std::string& folder, std::uint64_t most) {
  const std::string file = folder + "/growth.db";
  json::Array sizes;
  std::uint64_t from = 0;
  for (std::uint64_t size = 1000; size <= most; size *= 10) {
    const auto start = SteadyClock::now();
    {
      const auto store = store::OpenSqliteStore(file).value();
      const auto ledger = ledger::Ledger::Open(*store, GrowthKeys()).value();
      Grow(*ledger, from, size);
    }
    const double seconds = MicrosecondsSince(start) / 1e6;
    const AtSize at = MeasureApart(file, size);
    sizes.emplace_back(
        json::Object{{"entries", size},
                     {"open_us", at.open_us},
                     {"first_proof_us", at.first_proof_us},
                     {"proof_us", at.proof_us},
                     {"memory_kib", at.memory_kib},
                     {"entries_per_second", static_cast<double>(size - from) / seconds}});
    fmt::print(stderr, "{} entries: opened in {:.0f} us, proof {:.0f} us, {} KiB, {:.0f}/s\n", size,
               at.open_us, at.proof_us, at.memory_kib, static_cast<double>(size - from) / seconds);
    from = size;
  }
  fmt::print("{}\n", json::WritePretty(json::Object{{"ledger_growth", std::move(sizes)}}));
  return 0;
}

}  // namespace assay::bench
