// Where an appraisal gets its collateral from.
#pragma once

#include <memory>
#include <mutex>

#include "base/time.h"
#include "evidence/collateral.h"
#include "evidence/needs.h"

namespace assay {

// Safe for concurrent use.
class CollateralSource {
 public:
  virtual ~CollateralSource() = default;
  // What there is for these needs as of `now`; never null. What could not be had stands in
  // Collateral::missing, with the reason for people.
  virtual std::shared_ptr<const Collateral> Gather(const CollateralNeeds& needs, Time now) = 0;
};

// The same for everybody: a folder or a bundle that was loaded whole.
class FixedSource final : public CollateralSource {
 public:
  explicit FixedSource(std::shared_ptr<const Collateral> collateral)
      : collateral_(std::move(collateral)) {}
  std::shared_ptr<const Collateral> Gather(const CollateralNeeds&, Time) override {
    const std::lock_guard lock(mutex_);
    return collateral_;
  }
  void Replace(std::shared_ptr<const Collateral> collateral) {
    const std::lock_guard lock(mutex_);
    collateral_ = std::move(collateral);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Collateral> collateral_;  // guarded by mutex_
};

}  // namespace assay
