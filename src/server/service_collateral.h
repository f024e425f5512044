// The collateral of a running service: a folder for everybody, a store by need, the network behind
// it, and the thread that keeps it fresh.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "collateral/refresher.h"
#include "collateral/store_source.h"

namespace assay {

struct ServiceCollateralOptions {
  std::string store;   // empty: none
  bool fetch = false;  // needs a store
  Hosts hosts;
  TrustedRoots roots;
  std::string host_ca;  // PEM of the CA to trust for those hosts; empty: the system's
  std::function<Time()> clock, evidence_clock;
  std::function<void(std::size_t failed)> after_refresh;  // may be empty
};

class ServiceCollateral {
 public:
  // `beside`: what --collateral held.
  ServiceCollateral(ServiceCollateralOptions options, Collateral beside);
  ~ServiceCollateral() { Stop(); }

  CollateralSource& source() { return *source_; }
  // Replaces what stands beside the store, and reads the store again.
  void Reload(Collateral beside);
  // For /metrics: fetches by host and outcome, age of the oldest collateral in use.
  std::string MetricsText() const;
  // Threads that may wait for the network at a time: a service needs so many more.
  std::size_t waiting_threads() const;
  // Gives up requests to hosts, and ends the refresher.
  void Stop();

 private:
  FetchOptions OptionsForFetcher();

  const ServiceCollateralOptions options_;
  std::atomic<bool> stopping_{false};
  CollateralStore store_;
  std::unique_ptr<Fetcher> fetcher_;  // null without fetch
  std::unique_ptr<CollateralSource> source_;
  FixedSource* fixed_ = nullptr;          // source_, when there is no store
  StoreSource* by_need_ = nullptr;        // source_, when there is one
  std::unique_ptr<Refresher> refresher_;  // null without fetch
};

}  // namespace assay
