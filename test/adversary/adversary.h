// What an attacker can do to good evidence, and the count of how often it was refused.
//
// Every attack is counted under a kind. One that is trusted is a survivor and fails the test,
// unless a rule that the test states says beforehand that it changes nothing; those are counted
// apart.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "appraise/appraise.h"

namespace assay::adversary {

// Flip every bit, or under sanitizers every n-th: a prime, so that all positions within a byte come
// up.
#ifdef ASSAY_SAMPLED
inline constexpr std::size_t kStride = ASSAY_SAMPLED;
#else
inline constexpr std::size_t kStride = 1;
#endif

enum class Fate { kRefused, kTrusted, kWithoutEffect };

// Counts of one process, by kind. Safe for concurrent use.
class Tally {
 public:
  void Add(std::string_view kind, Fate fate, const std::function<std::string()>& describe);
  // Prints the counts, and fails the running test for every survivor and if nothing was tried.
  void Report(std::string_view title);

 private:
  struct Count {
    std::size_t refused = 0, without_effect = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Count, std::less<>> counts_;  // guarded by mutex_
  std::vector<std::string> survivors_;                // guarded by mutex_
};

// body(0) to body(count - 1), each once, on all processors.
void InParallel(std::size_t count, const std::function<void(std::size_t)>& body);

// Each bit of `bytes` in turn (every kStride-th under sanitizers): `judge` gets the changed bytes
// and the number of the bit, and says what became of it.
using Judge = std::function<Fate(const Bytes& changed, std::size_t bit)>;
void FlipBits(const Bytes& bytes, std::string_view kind, const std::string& where, Tally& tally,
              const Judge& judge);
// Each length from 0 to one below that of `bytes`.
void Truncate(const Bytes& bytes, std::string_view kind, const std::string& where, Tally& tally,
              const Judge& judge);

}  // namespace assay::adversary
