// `assay fleet` and `assay release`: what a service watches, in its state folder.
#pragma once

#include <memory>

#include "cli/options.h"
#include "monitor/fleet.h"
#include "store/store.h"

namespace assay::cli {

// The fleet of options.provider; the store is open as long as this lives.
struct OpenFleet {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<monitor::Fleet> fleet;
};
Result<OpenFleet> OpenFleetOf(const Options& options);

}  // namespace assay::cli
