// Is there an order of concurrent operations on one key that explains what each of them answered,
// and that keeps to their times? The search of Wing and Gong with Lowe's memory of what was tried.
// Included by tests only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace assay::keys {

// One operation as its client saw it: it took effect at some moment between the two.
struct KeyEvent {
  enum class What { kRotate, kRelease, kDelete, kRecover };
  What what = What::kRotate;
  bool done = false;    // false: it answered that there is no such key (recover: no deleted one)
  std::string version;  // that was made or released
  std::uint64_t from = 0, until = 0;
};

// A key as its clients know it: its current version, and whether it is deleted.
struct KeyModel {
  std::string version;
  bool deleted = false;
  auto operator<=>(const KeyModel&) const = default;

  // Whether the event can be what happens next; then it has.
  bool Apply(const KeyEvent& event) {
    using What = KeyEvent::What;
    const bool there = event.what == What::kRecover ? deleted : !deleted;
    if (event.done != there) return false;
    if (!event.done) return true;
    switch (event.what) {
      case What::kRotate: version = event.version; return true;
      case What::kRelease: return version == event.version;
      case What::kDelete: deleted = true; return true;
      case What::kRecover: deleted = false; return true;
    }
    return false;
  }
};

class LinearizableSearch {
 public:
  explicit LinearizableSearch(std::vector<KeyEvent> events) : events_(std::move(events)) {}

  // Beyond that many steps it gives up, and `gave_up` says so.
  bool Explains(const KeyModel& start, std::size_t most_steps = 2'000'000) {
    left_ = most_steps;
    return From(std::vector<bool>(events_.size()), start);
  }
  bool gave_up() const { return left_ == 0; }

 private:
  // The first end of those that are open: what began after it cannot come before.
  std::uint64_t FirstEnd(const std::vector<bool>& taken) const {
    std::uint64_t out = UINT64_MAX;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (!taken[i]) out = std::min(out, events_[i].until);
    }
    return out;
  }

  bool From(std::vector<bool> taken, KeyModel model) {
    if (left_ == 0 || !tried_.emplace(taken, model).second) return false;
    --left_;
    const std::uint64_t end = FirstEnd(taken);
    if (end == UINT64_MAX) return true;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (taken[i] || events_[i].from > end) continue;
      KeyModel next = model;
      if (!next.Apply(events_[i])) continue;
      taken[i] = true;
      if (From(taken, next)) return true;
      taken[i] = false;
      // What changes nothing may as well come first: no other order helps.
      if (next == model) return false;
    }
    return false;
  }

  const std::vector<KeyEvent> events_;
  std::set<std::pair<std::vector<bool>, KeyModel>> tried_;
  std::size_t left_ = 0;
};

}  // namespace assay::keys
