#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/td_boot.h"
#include "measure/tdvf.h"
#include "tee/core/cc_event_log.h"

namespace assay::cli {
namespace {

using measure::TdvfSection;

constexpr std::uint32_t kEvEfiPlatformFirmwareBlob2 = 0x8000000A;  // PFP 1.06 table 27
constexpr std::uint32_t kRtmrs = 3;                                // RTMR3 is the guest's own

struct TdMeasurements {
  Sha384Digest mrtd{};
  measure::ExpectedEvents events;
  tcg::PcrValues predicted;                // by the number of the RTMR
  std::map<std::uint32_t, Bytes> learned;  // those that are not predicted
};

// Firmware measures its own variables, as they stand in the image, before it reads them.
Result<void> CheckLogIsOf(const std::vector<TdvfSection>& firmware,
                          const std::vector<cc_log::LogEvent>& log, const std::string& name) {
  for (const TdvfSection& section : firmware) {
    if (section.kind != TdvfSection::Kind::kConfigurationFirmware) continue;
    const Sha384Digest expected = Sha384(section.content);
    const bool logged = std::any_of(log.begin(), log.end(), [&](const cc_log::LogEvent& event) {
      return event.type == kEvEfiPlatformFirmwareBlob2 && event.digest == expected;
    });
    if (logged) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is of another firmware: expected its variables (CFV) measured as "
                            "{}, found no such event",
                            name, HexEncode(expected)),
                "take the log of a boot with the firmware of --firmware");
  }
  return {};
}

Result<void> Learn(const MeasureOptions& options, const std::vector<TdvfSection>& firmware,
                   TdMeasurements& out) {
  const Bytes content = TRY(ReadFile(options.learn, limits::kEvidenceBytes));
  const std::vector<cc_log::LogEvent> log = TRY(cc_log::ParseEventLog(content));
  TRY_VOID(CheckLogIsOf(firmware, log, options.learn));
  const auto replayed = cc_log::Replay(log);
  for (std::uint32_t i = 0; i < kRtmrs; ++i) {
    if (out.predicted.count(i) == 0) out.learned[i] = ToBytes(replayed[i].value_or(Sha384Digest{}));
  }
  return {};
}

Result<measure::TdDirectBoot> DirectBootOf(const MeasureOptions& options) {
  measure::TdDirectBoot out;
  out.kernel = TRY(ArtefactOf(options.kernel)).value();
  out.initrd = TRY(ArtefactOf(options.initrd));
  out.command_line = options.command_line;
  out.separator_in_rtmr1 = !options.old_separator;
  return out;
}

Result<TdMeasurements> MeasureTd(const MeasureOptions& options) {
  const Bytes image = TRY(ReadFile(options.firmware, limits::kLaunchBytes));
  const std::vector<TdvfSection> firmware = TRY(measure::ReadTdvfMetadata(image));
  TdMeasurements out;
  out.mrtd = measure::MrTd(firmware);
  if (!options.kernel.empty()) {
    out.events = TRY(measure::TdDirectBootEvents(TRY(DirectBootOf(options))));
    out.predicted = TRY(measure::PcrsAfter(out.events, measure::HashAlgorithm::kSha384));
  }
  if (!options.learn.empty()) TRY_VOID(Learn(options, firmware, out));
  return out;
}

json::Value TdJson(const TdMeasurements& td) {
  json::Object rtmrs, learned;
  for (const auto& [rtmr, value] : td.predicted) {
    rtmrs.emplace_back(std::to_string(rtmr), HexEncode(value));
  }
  for (const auto& [rtmr, value] : td.learned) {
    learned.emplace_back(std::to_string(rtmr), HexEncode(value));
  }
  json::Array events;
  for (const measure::ExpectedEvent& event : td.events) {
    events.emplace_back(
        json::Object{{"rtmr", event.pcr},
                     {"what", event.what},
                     {"digest", HexEncode(event.digests.at(measure::HashAlgorithm::kSha384))}});
  }
  return json::Object{{"mrtd", HexEncode(td.mrtd)},
                      {"rtmrs", std::move(rtmrs)},
                      {"learned", std::move(learned)},
                      {"events", std::move(events)}};
}

void PrintTd(const TdMeasurements& td) {
  fmt::print("MRTD   {}\n", HexEncode(td.mrtd));
  for (std::uint32_t i = 0; i < kRtmrs; ++i) {
    if (const auto value = td.predicted.find(i); value != td.predicted.end()) {
      fmt::print("RTMR{}  {}\n", i, HexEncode(value->second));
    } else if (const auto seen = td.learned.find(i); seen != td.learned.end()) {
      fmt::print("RTMR{}  {} (learned)\n", i, HexEncode(seen->second));
    } else {
      fmt::print("RTMR{}  not predicted: needs {}\n", i,
                 i == 0 ? "--learn" : "--kernel, or --learn");
    }
  }
}

}  // namespace

Result<int> RunMeasureTdx(const Options& options) {
  const TdMeasurements td = TRY(MeasureTd(options.measure));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(TdJson(td)));
  } else {
    PrintTd(td);
  }
  return kExitTrusted;
}

}  // namespace assay::cli
