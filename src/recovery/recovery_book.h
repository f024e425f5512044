// The recoveries of a vault. None is ever changed back or deleted: what was asked for, who approved
// it and that it was completed stays.
//
//   recovery/ID   Recovery as JSON (recovery.h)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recovery/recovery.h"
#include "store/store.h"

namespace assay::recovery {

// Whether the key may leave now: the recovery is open, and enough of these officers approved of it.
keys::Outcome<void> ExpectApproved(const Recovery& recovery, const Officers& officers, Time now);

// Safe for concurrent use, also by other processes at the same store, which outlives it. What a
// call returns is durable.
class RecoveryBook {
 public:
  explicit RecoveryBook(store::Store& store) : store_(store) {}

  // Gives it its id and its end, limits::kRecoveryLife after `now`.
  keys::Outcome<Recovery> Request(Recovery recovery, Time now) const;
  keys::Outcome<Recovery> Find(std::string_view id) const;
  // By id, behind `after`.
  keys::Outcome<std::vector<Recovery>> List(std::string_view after, std::size_t limit) const;

  // Refused: what CheckApproval refuses, a second approval of one officer, and any for a recovery
  // that has ended.
  keys::Outcome<Recovery> Approve(std::string_view id, const Officers& officers,
                                  std::string_view jws, Time now) const;
  // Once. Whoever is told that it is completed may have the key: the record stands before that.
  keys::Outcome<Recovery> Complete(std::string_view id, const Officers& officers,
                                   const std::string& by, Time now) const;

 private:
  struct Kept {
    Recovery recovery;
    std::uint64_t version = 0;
  };
  keys::Outcome<Kept> Read(std::string_view id) const;
  keys::Outcome<void> Write(const Recovery& recovery, std::uint64_t version) const;

  store::Store& store_;
};

}  // namespace assay::recovery
