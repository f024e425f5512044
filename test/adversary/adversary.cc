#include "adversary/adversary.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace assay::adversary {

void Tally::Add(std::string_view kind, Fate fate, const std::function<std::string()>& describe) {
  const std::lock_guard lock(mutex_);
  auto found = counts_.find(kind);
  if (found == counts_.end()) found = counts_.emplace(std::string(kind), Count{}).first;
  switch (fate) {
    case Fate::kRefused: ++found->second.refused; break;
    case Fate::kWithoutEffect: ++found->second.without_effect; break;
    case Fate::kTrusted: survivors_.push_back(fmt::format("{}: {}", kind, describe())); break;
  }
}

void Tally::Report(std::string_view title) {
  const std::lock_guard lock(mutex_);
  std::size_t refused = 0;
  for (const auto& [kind, count] : counts_) {
    refused += count.refused;
    fmt::print("{}: {}: {} refused", title, kind, count.refused);
    if (count.without_effect > 0) fmt::print(", {} without effect by rule", count.without_effect);
    fmt::print("\n");
  }
  fmt::print("{}: TOTAL: {} refused, {} trusted{}\n", title, refused, survivors_.size(),
             kStride > 1 ? fmt::format(" (of flips and lengths every {}th)", kStride) : "");
  EXPECT_GT(refused, 0U) << title;
  EXPECT_EQ(survivors_.size(), 0U) << title;
  for (std::size_t i = 0; i < survivors_.size() && i < 20; ++i) {
    ADD_FAILURE() << "trusted: " << survivors_[i];
  }
}

void InParallel(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  };
  std::vector<std::thread> threads;
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 1; i < processors; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

void FlipBits(const Bytes& bytes, std::string_view kind, const std::string& where, Tally& tally,
              const Judge& judge) {
  const std::size_t bits = bytes.size() * 8;
  InParallel((bits + kStride - 1) / kStride, [&](std::size_t i) {
    const std::size_t bit = i * kStride;
    Bytes changed = bytes;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    tally.Add(kind, judge(changed, bit),
              [&] { return fmt::format("{}, bit {} of {}", where, bit, bits); });
  });
}

void Truncate(const Bytes& bytes, std::string_view kind, const std::string& where, Tally& tally,
              const Judge& judge) {
  InParallel((bytes.size() + kStride - 1) / kStride, [&](std::size_t i) {
    const std::size_t size = i * kStride;
    const Bytes changed(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    tally.Add(kind, judge(changed, size),
              [&] { return fmt::format("{}, cut to {} of {}", where, size, bytes.size()); });
  });
}

}  // namespace assay::adversary
