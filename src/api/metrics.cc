#include "api/metrics.h"

#include <fmt/format.h>

namespace assay {

void Metrics::CountRequest(unsigned status, std::chrono::microseconds took) {
  ++by_status_class_.at(status / 100 < by_status_class_.size() ? status / 100 : 5);
  microseconds_ += static_cast<std::uint64_t>(took.count());
}

void Metrics::CountVerdict(std::string_view scheme, bool trusted) {
  for (std::size_t i = 0; i < kSchemes.size(); ++i) {
    if (kSchemes.at(i) == scheme) ++verdicts_.at(i).at(trusted ? 1 : 0);
  }
}

std::string Metrics::Text() const {
  std::string out =
      "# HELP assay_http_requests_total Requests answered, by class of status.\n"
      "# TYPE assay_http_requests_total counter\n";
  std::uint64_t total = 0;
  for (std::size_t i = 2; i < by_status_class_.size(); ++i) {
    const std::uint64_t count = by_status_class_.at(i);
    total += count;
    out += fmt::format("assay_http_requests_total{{status=\"{}xx\"}} {}\n", i, count);
  }
  out += fmt::format(
      "# HELP assay_http_request_duration_seconds Time spent answering.\n"
      "# TYPE assay_http_request_duration_seconds summary\n"
      "assay_http_request_duration_seconds_sum {:.6f}\n"
      "assay_http_request_duration_seconds_count {}\n",
      static_cast<double>(microseconds_) / 1e6, total);
  out +=
      "# HELP assay_verdicts_total Appraisals of evidence, by scheme and outcome.\n"
      "# TYPE assay_verdicts_total counter\n";
  for (std::size_t i = 0; i < kSchemes.size(); ++i) {
    for (const bool trusted : {false, true}) {
      out +=
          fmt::format("assay_verdicts_total{{scheme=\"{}\",outcome=\"{}\"}} {}\n", kSchemes.at(i),
                      trusted ? "trusted" : "denied", verdicts_.at(i).at(trusted ? 1 : 0).load());
    }
  }
  return out;
}

}  // namespace assay
