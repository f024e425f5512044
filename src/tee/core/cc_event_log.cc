#include "tee/core/cc_event_log.h"

#include <fmt/format.h>

#include "tee/tcg/event_log.h"

namespace assay::cc_log {
namespace {

constexpr auto kBank = tcg::HashAlgorithm::kSha384;
constexpr std::uint32_t kRegisters = 5;  // MRTD and four RTMRs

}  // namespace

Result<std::vector<LogEvent>> ParseEventLog(View data) {
  const tcg::EventLog log = TRY(tcg::ParseEventLog(data));
  std::vector<LogEvent> out;
  for (const tcg::Event& event : log.events) {
    if (event.type == tcg::kEvNoAction) continue;
    const View digest = event.Digest(kBank);
    LogEvent one{event.index, event.type, {}, event.data};
    if (event.index >= kRegisters || digest.size() != one.digest.size()) {
      return Fail(
          ErrorCode::kMalformed,
          fmt::format("event log: event {}: expected a SHA-384 digest and a register from 0 "
                      "to 4, found register {}",
                      event.number, event.index));
    }
    std::copy(digest.begin(), digest.end(), one.digest.begin());
    out.push_back(one);
  }
  return out;
}

std::array<std::optional<Sha384Digest>, 4> Replay(const std::vector<LogEvent>& events) {
  std::array<std::optional<Sha384Digest>, 4> out;
  for (const LogEvent& event : events) {
    if (event.register_index == 0) continue;  // MRTD is fixed at build, never extended
    auto& value = out[event.register_index - 1];
    ByteArray<96> preimage{};
    if (value) std::copy(value->begin(), value->end(), preimage.begin());
    std::copy(event.digest.begin(), event.digest.end(), preimage.begin() + 48);
    value = Sha384(preimage);
  }
  return out;
}

}  // namespace assay::cc_log
