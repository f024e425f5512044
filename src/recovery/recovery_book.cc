#include "recovery/recovery_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"

namespace assay::recovery {
namespace {

using keys::FaultKind;
using keys::Outcome;
using keys::Refuse;

constexpr std::string_view kPrefix = "recovery/";
constexpr std::size_t kIdDigits = 32;
// A change made on what is no longer so is made again.
constexpr int kTries = 8;

Bytes KeyOf(std::string_view id) { return ToBytes(AsBytes(fmt::format("{}{}", kPrefix, id))); }

bool IsRecoveryId(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Outcome<void> ExpectOpen(const Recovery& recovery, Time now) {
  if (recovery.state == RecoveryState::kCompleted) {
    return Refuse(FaultKind::kExists,
                  fmt::format("recovery {} was completed at {} by {}: request a new one",
                              recovery.id, FormatTime(recovery.completed), recovery.completed_by));
  }
  if (now >= recovery.expires) {
    return Refuse(FaultKind::kExpired,
                  fmt::format("recovery {} ended at {} without being completed: request a new one",
                              recovery.id, FormatTime(recovery.expires)));
  }
  return {};
}

// Decides again while others change the same recovery.
template <typename Decide>
Outcome<Recovery> Repeated(const Decide& decide) {
  Outcome<Recovery> out = decide();
  for (int i = 1; i < kTries && !out && out.error().kind == FaultKind::kConflict; ++i) {
    out = decide();
  }
  return out;
}

}  // namespace

Outcome<void> ExpectApproved(const Recovery& recovery, const Officers& officers, Time now) {
  TRY_VOID(ExpectOpen(recovery, now));
  const std::size_t count = CountApprovals(recovery, officers);
  if (count >= officers.threshold) return {};
  return Refuse(FaultKind::kForbidden,
                fmt::format("recovery {}: expected approvals of {} officers, found {}", recovery.id,
                            officers.threshold, count));
}

Outcome<Recovery> RecoveryBook::Request(Recovery recovery, Time now) const {
  recovery.id = HexEncode(TRY(RandomBytes(kIdDigits / 2)));
  recovery.requested = now;
  recovery.expires = now + limits::kRecoveryLife;
  recovery.approvals.clear();
  recovery.state = RecoveryState::kOpen;
  TRY_VOID(Write(recovery, 0));
  return recovery;
}

Outcome<RecoveryBook::Kept> RecoveryBook::Read(std::string_view id) const {
  if (!IsRecoveryId(id)) {
    return Refuse(FaultKind::kBadParameter, "recovery: expected 32 hexadecimal digits");
  }
  const auto entry = TRY(store_.Get(KeyOf(id)));
  if (!entry) return Refuse(FaultKind::kNotFound, fmt::format("recovery {}: there is none", id));
  return Kept{TRY(RecoveryFromJson(AsText(entry->value))), entry->version};
}

Outcome<void> RecoveryBook::Write(const Recovery& recovery, std::uint64_t version) const {
  store::Batch batch;
  batch.expectations.push_back({KeyOf(recovery.id), version});
  batch.puts.push_back({KeyOf(recovery.id), ToBytes(AsBytes(json::Write(RecoveryJson(recovery))))});
  TRY(store_.Commit(batch));
  return {};
}

Outcome<Recovery> RecoveryBook::Find(std::string_view id) const { return TRY(Read(id)).recovery; }

Outcome<std::vector<Recovery>> RecoveryBook::List(std::string_view after, std::size_t limit) const {
  std::vector<Recovery> out;
  const Bytes start = after.empty() ? Bytes() : KeyOf(after);
  for (const store::Entry& one : TRY(store_.Scan(AsBytes(kPrefix), start, limit))) {
    out.push_back(TRY(RecoveryFromJson(AsText(one.value))));
  }
  return out;
}

Outcome<Recovery> RecoveryBook::Approve(std::string_view id, const Officers& officers,
                                        std::string_view jws, Time now) const {
  return Repeated([&]() -> Outcome<Recovery> {
    Kept kept = TRY(Read(id));
    Recovery& recovery = kept.recovery;
    TRY_VOID(ExpectOpen(recovery, now));
    const std::string officer = TRY(CheckApproval(recovery, officers, jws))->name;
    const bool again = std::any_of(recovery.approvals.begin(), recovery.approvals.end(),
                                   [&](const Approval& one) { return one.officer == officer; });
    if (again) {
      return Refuse(FaultKind::kExists,
                    fmt::format("recovery {} was approved by {} before", recovery.id, officer));
    }
    recovery.approvals.push_back({officer, std::string(jws), now});
    TRY_VOID(Write(recovery, kept.version));
    return recovery;
  });
}

Outcome<Recovery> RecoveryBook::Complete(std::string_view id, const Officers& officers,
                                         const std::string& by, Time now) const {
  return Repeated([&]() -> Outcome<Recovery> {
    Kept kept = TRY(Read(id));
    Recovery& recovery = kept.recovery;
    TRY_VOID(ExpectApproved(recovery, officers, now));
    recovery.state = RecoveryState::kCompleted;
    recovery.completed = now;
    recovery.completed_by = by;
    TRY_VOID(Write(recovery, kept.version));
    return recovery;
  });
}

}  // namespace assay::recovery
