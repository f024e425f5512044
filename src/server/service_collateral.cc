#include "server/service_collateral.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace assay {
namespace {

constexpr std::chrono::hours kInUse{24};

std::shared_ptr<const Collateral> Shared(Collateral collateral) {
  return std::make_shared<const Collateral>(std::move(collateral));
}

}  // namespace

// A request waits for these, so that they are shorter than a person's patience at the command line.
FetchOptions ServiceCollateral::OptionsForFetcher() {
  FetchOptions out;
  out.attempts = 2;
  out.longest_wait = std::chrono::seconds(2);
  out.http.connect_timeout = std::chrono::seconds(3);
  out.http.total_timeout = std::chrono::seconds(10);
  out.http.ca_file = options_.host_ca;
  out.http.cancelled = [this] { return stopping_.load(); };
  out.clock = options_.clock;
  return out;
}

ServiceCollateral::ServiceCollateral(ServiceCollateralOptions options, Collateral beside)
    : options_(std::move(options)), store_(options_.store) {
  if (options_.store.empty()) {
    auto fixed = std::make_unique<FixedSource>(Shared(std::move(beside)));
    fixed_ = fixed.get();
    source_ = std::move(fixed);
    return;
  }
  if (options_.fetch) fetcher_ = std::make_unique<Fetcher>(OptionsForFetcher());
  auto by_need = std::make_unique<StoreSource>(
      StoreSourceOptions{options_.hosts, options_.roots, options_.fetch}, store_, fetcher_.get());
  by_need_ = by_need.get();
  source_ = std::move(by_need);
  by_need_->Reload(Shared(std::move(beside)));
  if (!options_.fetch) return;
  RefresherOptions refresh;
  refresh.in_use = kInUse;
  refresh.evidence_clock = options_.evidence_clock;
  refresh.after = options_.after_refresh;
  refresher_ = std::make_unique<Refresher>(std::move(refresh), *by_need_);
}

void ServiceCollateral::Reload(Collateral beside) {
  if (fixed_ != nullptr) fixed_->Replace(Shared(std::move(beside)));
  if (by_need_ != nullptr) by_need_->Reload(Shared(std::move(beside)));
}

std::size_t ServiceCollateral::waiting_threads() const {
  return fetcher_ ? limits::kWaitingForHosts : 0;
}

void ServiceCollateral::Stop() {
  stopping_ = true;
  if (refresher_) refresher_->Stop();
}

std::string ServiceCollateral::MetricsText() const {
  std::string out;
  if (fetcher_) {
    out +=
        "# HELP assay_collateral_fetches_total Requests to collateral hosts, by outcome.\n"
        "# TYPE assay_collateral_fetches_total counter\n";
    for (const auto& [key, count] : fetcher_->counts()) {
      out += fmt::format("assay_collateral_fetches_total{{host=\"{}\",outcome=\"{}\"}} {}\n",
                         key.first, FetchOutcomeName(key.second), count);
    }
  }
  if (by_need_ == nullptr) return out;
  const Time now = options_.evidence_clock();
  if (const auto oldest = by_need_->OldestChecked(now, kInUse)) {
    out += fmt::format(
        "# HELP assay_collateral_oldest_age_seconds Since the oldest collateral in use was "
        "checked.\n"
        "# TYPE assay_collateral_oldest_age_seconds gauge\n"
        "assay_collateral_oldest_age_seconds {}\n",
        (now - *oldest).count());
  }
  return out;
}

}  // namespace assay
