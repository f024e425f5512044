// The collateral source that the command line asked for, with all that it stands on.
#pragma once

#include <memory>

#include "cli/options.h"
#include "collateral/store_source.h"

namespace assay::cli {

// The vendors' own, or those given in their place.
Result<Hosts> HostsOf(const Options& options);
// For one person at a terminal, who sees what is asked and can wait.
FetchOptions FetchOptionsOf(const Options& options);

class Sources {
 public:
  // --collateral alone: a folder for everybody. --store: by need, and --collateral beside it.
  // `brought` are certificates that came with the evidence.
  static Result<std::unique_ptr<Sources>> Open(const Options& options,
                                               const std::vector<CertificatePtr>& brought = {});
  CollateralSource& source() { return *source_; }

 private:
  explicit Sources(const Options& options) : store_(options.store) {}

  CollateralStore store_;
  std::unique_ptr<Fetcher> fetcher_;
  std::unique_ptr<CollateralSource> source_;
};

}  // namespace assay::cli
