// Break-glass of a vault: recovery/ with its store and officers.
#pragma once

#include <functional>
#include <utility>

#include "recovery/recovery_book.h"

namespace assay {

// Immutable; safe for concurrent use.
struct KeyRecoveries {
  recovery::RecoveryBook book;
  recovery::Officers officers;
  // Told after each change is durable, for logs: "requested", "approved", "completed". May be
  // empty.
  std::function<void(std::string_view what, const recovery::Recovery&)> on_change;

  void Tell(std::string_view what, const recovery::Recovery& recovery) const {
    if (on_change) on_change(what, recovery);
  }
};

}  // namespace assay
