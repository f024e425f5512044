#include "tee/tcg/replay.h"

#include <fmt/format.h>

namespace assay::tcg {
namespace {

constexpr std::string_view kStartupLocality{"StartupLocality\0", 16};

bool IsStartupLocality(const Event& event) {
  return event.type == kEvNoAction && event.index == 0 &&
         event.data.size() == kStartupLocality.size() + 1 &&
         Equal(event.data.first(kStartupLocality.size()), AsBytes(kStartupLocality));
}

}  // namespace

void Extend(HashAlgorithm bank, View digest, Bytes& value) {
  Append(value, digest);
  value = Hash(bank, value);
}

Bytes StartValue(HashAlgorithm bank, std::uint32_t pcr) {
  const bool dynamic = pcr >= 17 && pcr <= 22;
  return Bytes(DigestSize(bank), dynamic ? std::byte{0xFF} : std::byte{0});
}

Result<std::optional<std::uint8_t>> StartupLocality(const EventLog& log) {
  std::optional<std::uint8_t> out;
  bool extended = false;
  for (const Event& event : log.events) {
    if (event.index == 0 && event.type != kEvNoAction) extended = true;
    if (!IsStartupLocality(event)) continue;
    if (out || extended) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("event log: event {} states the start-up locality {}", event.number,
                              out ? "again" : "after PCR 0 was extended"));
    }
    out = ToU8(event.data.back());
  }
  return out;
}

Result<PcrValues> Replay(const EventLog& log, HashAlgorithm bank) {
  const std::optional<std::uint8_t> locality = TRY(StartupLocality(log));
  PcrValues out;
  for (const Event& event : log.events) {
    if (event.type == kEvNoAction) continue;
    const View digest = event.Digest(bank);
    if (event.index >= kPcrCount || digest.empty()) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("event log: event {} extends PCR {} without a {} digest, or there is "
                              "no such PCR",
                              event.number, event.index, Name(bank)));
    }
    const auto [it, is_new] = out.try_emplace(event.index, StartValue(bank, event.index));
    if (is_new && event.index == 0 && locality) it->second.back() = std::byte{*locality};
    Extend(bank, digest, it->second);
  }
  return out;
}

}  // namespace assay::tcg
