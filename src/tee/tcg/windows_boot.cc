#include "tee/tcg/windows_boot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/reader.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/sipa.h"
#include "tee/tcg/uefi.h"

namespace assay::tcg {
namespace {

constexpr std::uint32_t kFirstPcr = 11, kLastPcr = 14;

enum class FlagRule { kFalseIfAny, kTrueIfAny };

struct Flag {
  std::uint32_t id;
  std::optional<bool> WindowsBoot::*field;
  FlagRule rule = FlagRule::kTrueIfAny;
};
constexpr std::array kFlags = std::to_array<Flag>({
    {0x00040001, &WindowsBoot::boot_debugging},
    {0x00050001, &WindowsBoot::kernel_debugging},
    {0x00050002, &WindowsBoot::code_integrity, FlagRule::kFalseIfAny},
    {0x00050003, &WindowsBoot::test_signing},
    {0x00050005, &WindowsBoot::safe_mode},
    {0x00050006, &WindowsBoot::winpe},
    {0x0005000D, &WindowsBoot::hypervisor_debugging},
    {0x00050021, &WindowsBoot::flight_signing},
    {sipa::kBitlockerUnlock, &WindowsBoot::bitlocker_unlocked},
    {0x000A0001, &WindowsBoot::vsm_required, FlagRule::kFalseIfAny},
    {0x000A0002, &WindowsBoot::vbs_secure_boot_required, FlagRule::kFalseIfAny},
    {0x000A0003, &WindowsBoot::vbs_iommu_required, FlagRule::kFalseIfAny},
});

struct Number {
  std::uint32_t id;
  std::optional<std::uint64_t> WindowsBoot::*field;
};
constexpr std::array kNumbers = std::to_array<Number>({
    {0x00050004, &WindowsBoot::data_execution_prevention},
    {0x0005000A, &WindowsBoot::hypervisor_launch_type},
    {0x0005000E, &WindowsBoot::driver_load_policy},
    {0x00050012, &WindowsBoot::vsm_launch_type},
    {0x000A0007, &WindowsBoot::hvci_policy},
});

Result<void> TakeOne(const SipaEvent& event, WindowsBoot& boot) {
  if (event.id == sipa::kVsmIdksInfo) boot.idks.push_back(event.data);
  if (event.id == sipa::kElamKeyName) {
    // A name in UTF-16 with its NUL.
    const View name = event.data;
    boot.elam_drivers.push_back(
        TRY(NameOfUtf16(name.first(name.size() - std::min<std::size_t>(2, name.size())))));
  }
  for (const Flag& flag : kFlags) {
    if (flag.id != event.id) continue;
    const bool said = TRY(SipaNumber(event)) != 0;
    std::optional<bool>& field = boot.*flag.field;
    field = !field ? said : flag.rule == FlagRule::kTrueIfAny ? *field || said : *field && said;
  }
  for (const Number& number : kNumbers) {
    if (number.id == event.id) boot.*number.field = TRY(SipaNumber(event));
  }
  return {};
}

// What modules were loaded is not looked at.
Result<void> TakeAll(const std::vector<SipaEvent>& events, WindowsBoot& boot) {
  for (const SipaEvent& event : events) {
    if (event.id == sipa::kTrustBoundary || event.id == sipa::kElamAggregation) {
      TRY_VOID(TakeAll(event.inner, boot));
    } else {
      TRY_VOID(TakeOne(event, boot));
    }
  }
  return {};
}

bool StartsWithTrustBoundary(const Event& event) {
  Reader in(event.data, "Windows event");
  const auto id = in.U32Le("id");
  return id && *id == sipa::kTrustBoundary;
}

bool OfWindows(const EventLog& log) {
  return std::any_of(log.events.begin(), log.events.end(), [](const Event& event) {
    return event.index >= kFirstPcr && event.index <= kLastPcr && event.type != kEvNoAction &&
           StartsWithTrustBoundary(event);
  });
}

// Four bytes: a separator, or what Windows caps PCR 11 with.
bool IsCap(const Event& event) { return event.data.size() == 4; }

tl::unexpected<Error> DoubtfulSipa(const Event& event, std::string_view why) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("event log: event {} in PCR {}: {}", event.number, event.index, why));
}

}  // namespace

bool WindowsPcrsAmong(const EventLog& log, const PcrValues& pcrs) {
  return std::all_of(log.events.begin(), log.events.end(), [&](const Event& event) {
    const bool of_windows = event.index >= kFirstPcr && event.index <= kLastPcr;
    return !of_windows || event.type == kEvNoAction || pcrs.contains(event.index);
  });
}

Result<std::optional<WindowsBoot>> ReadWindowsBoot(const EventLog& log) {
  if (!OfWindows(log)) return std::nullopt;
  WindowsBoot boot;
  std::array<bool, kLastPcr + 1> separated{};
  for (const Event& event : log.events) {
    // The type of an event is not measured, so it does not decide.
    if (event.index < kFirstPcr || event.index > kLastPcr || event.type == kEvNoAction) continue;
    if (!DigestsItsData(event))
      return DoubtfulSipa(event, "its data does not belong to its digest");
    if (IsCap(event)) {
      separated[event.index] = separated[event.index] || IsZero(event.data);
      continue;
    }
    if (separated[event.index]) return DoubtfulSipa(event, "it stands behind the separator");
    TRY_VOID(TakeAll(TRY(ParseSipa(event.data)), boot));
  }
  return boot;
}

}  // namespace assay::tcg
