// What the service counts about itself, in the Prometheus text form (exposition format 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

class Metrics {
 public:
  void CountRequest(unsigned status, std::chrono::microseconds took);
  void CountVerdict(std::string_view scheme, bool trusted);
  std::string Text() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  static constexpr std::array<std::string_view, 3> kSchemes = {"sgx", "tdx", "snp"};

  std::array<Counter, 6> by_status_class_{};                        // index 2: 2xx
  std::array<std::array<Counter, 2>, kSchemes.size()> verdicts_{};  // [scheme][trusted]
  Counter microseconds_{0};
};

}  // namespace assay
