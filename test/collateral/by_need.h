// What the tests of collateral by need share: a simulation, a stand-in that serves it, a store in a
// folder of its own, and a source over them.
#pragma once

#include <gtest/gtest.h>

#include "appraise/appraise.h"
#include "collateral/stand_in.h"
#include "collateral/store_source.h"
#include "support/temporary_folder.h"

namespace assay::testing {

using Folder = TemporaryFolder;

inline Hosts HostsAt(const std::string& url) { return {url, url + "/IntelSGXRootCA.der", url}; }

// Does not sleep, and gives up soon.
inline FetchOptions QuickFetch() {
  FetchOptions out;
  out.sleep = [](std::chrono::milliseconds) {};
  out.clock = [] {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  };
  out.http.total_timeout = std::chrono::milliseconds(2000);
  out.attempts = 2;
  return out;
}

// The store is on disk and outlives what reads it, as when a process starts anew.
struct Station {
  Station(const std::string& folder, const Hosts& hosts, const TrustedRoots& roots,
          bool with_network, FetchOptions options = QuickFetch(), bool background = false)
      : store(folder),
        fetcher(std::move(options)),
        source({hosts, roots, background}, store, with_network ? &fetcher : nullptr) {}

  CollateralStore store;
  Fetcher fetcher;
  StoreSource source;
};

inline Verdict Judge(const simulate::Simulation& simulation, CollateralSource& source,
                     std::optional<Time> at = std::nullopt) {
  Appraiser appraiser(simulation.roots);
  return appraiser.Appraise(simulation.evidence, "", source, {}, at.value_or(simulation.at))
      .value();
}

// The failed checks and what they found, one a line.
inline std::string Failures(const Verdict& verdict) {
  std::string out;
  for (const Check& check : verdict.checks) {
    if (check.outcome == Outcome::kFail) out += std::string(check.name) + ": " + check.found + "\n";
  }
  return out;
}

}  // namespace assay::testing
