#include "tee/tcg/windows_boot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/reader.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/uefi.h"

namespace assay::tcg {
namespace {

constexpr std::uint32_t kFirstPcr = 11, kLastPcr = 14;

// wbcl.h: bit 30 marks an aggregation; of those, these hold events.
constexpr std::uint32_t kTrustBoundary = 0x40010001, kElamAggregation = 0x40010002;
constexpr std::uint32_t kElamKeyName = 0x00090001, kIdksInfo = 0x00050023;
constexpr std::uint32_t kBitlockerUnlock = 0x00020005;

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
    {kBitlockerUnlock, &WindowsBoot::bitlocker_unlocked},
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

// Little-endian, of 1, 4 or 8 bytes.
Result<std::uint64_t> NumberIn(std::uint32_t id, View data) {
  if (data.size() != 1 && data.size() != 4 && data.size() != 8) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("Windows event 0x{:08x}: {} bytes are no number", id, data.size()));
  }
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < data.size(); ++i) out |= std::uint64_t{ToU8(data[i])} << (8 * i);
  return out;
}

class Parser {
 public:
  // The events of one entry of the log.
  Result<void> Take(View data, std::size_t depth) {
    if (depth > limits::kSipaDepth) {
      return Fail(ErrorCode::kMalformed, "Windows events: they nest too deep");
    }
    Reader in(data, "Windows event");
    while (in.remaining() > 0) {
      const std::uint32_t id = TRY(in.U32Le("id"));
      const std::uint32_t size = TRY(in.U32Le("size"));
      const View content = TRY(in.Take(size, "data"));
      if (++count_ > limits::kSipaEvents) {
        return Fail(ErrorCode::kMalformed, "Windows events: too many");
      }
      if (id == kTrustBoundary || id == kElamAggregation) {
        TRY_VOID(Take(content, depth + 1));
      } else {
        TRY_VOID(TakeOne(id, content));
      }
    }
    return {};
  }

  WindowsBoot& boot() { return boot_; }

 private:
  Result<void> TakeOne(std::uint32_t id, View content) {
    if (id == kIdksInfo) boot_.idks.push_back(content);
    if (id == kElamKeyName) {
      // A name in UTF-16 with its NUL.
      const View name = content.first(content.size() - std::min<std::size_t>(2, content.size()));
      boot_.elam_drivers.push_back(TRY(NameOfUtf16(name)));
    }
    for (const Flag& flag : kFlags) {
      if (flag.id != id) continue;
      const bool said = TRY(NumberIn(id, content)) != 0;
      std::optional<bool>& field = boot_.*flag.field;
      field = !field ? said : flag.rule == FlagRule::kTrueIfAny ? *field || said : *field && said;
    }
    for (const Number& number : kNumbers) {
      if (number.id == id) boot_.*number.field = TRY(NumberIn(id, content));
    }
    return {};
  }

  WindowsBoot boot_;
  std::size_t count_ = 0;
};

bool StartsWithTrustBoundary(const Event& event) {
  Reader in(event.data, "Windows event");
  const auto id = in.U32Le("id");
  return id && *id == kTrustBoundary;
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

Result<std::optional<WindowsBoot>> ReadWindowsBoot(const EventLog& log) {
  if (!OfWindows(log)) return std::nullopt;
  Parser parser;
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
    TRY_VOID(parser.Take(event.data, 0));
  }
  return std::move(parser.boot());
}

}  // namespace assay::tcg
