// What an evaluation may cost. One step is one node or element visited, or 16 bytes written.
#pragma once

#include <cstddef>

#include "base/limits.h"
#include "base/result.h"

namespace assay::jmespath {

class Budget {
 public:
  explicit Budget(std::size_t steps = limits::kJmesPathSteps) : left_(steps) {}

  // False when the budget is used up; it stays so.
  bool Spend(std::size_t steps) {
    if (steps > left_) {
      left_ = 0;
      return false;
    }
    left_ -= steps;
    return true;
  }
  bool SpendBytes(std::size_t bytes) { return Spend(1 + bytes / 16); }

  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};

}  // namespace assay::jmespath
