#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/release.h"
#include "tee/tcg/event_log.h"

namespace assay::cli {
namespace {

// A log as it is, or the member "event_log" of tpm/1 evidence.
Result<Bytes> EventLogIn(Bytes content) {
  if (content.empty() || content[0] != std::byte{'{'}) return content;
  const json::Value document = TRY(json::Parse(AsText(content)));
  return Base64UrlDecode(TRY(document.String("event_log", "evidence.event_log")));
}

}  // namespace

Result<std::map<measure::HashAlgorithm, tcg::PcrValues>> PcrsOfLog(const std::string& file) {
  const Bytes content = TRY(EventLogIn(TRY(ReadFile(file, limits::kEvidenceBytes))));
  const tcg::EventLog log = TRY(tcg::ParseEventLog(content));
  std::map<measure::HashAlgorithm, tcg::PcrValues> out;
  for (const measure::HashAlgorithm bank : log.banks) out[bank] = TRY(tcg::Replay(log, bank));
  return out;
}

std::string PcrsText(const std::map<measure::HashAlgorithm, tcg::PcrValues>& pcrs) {
  std::string out;
  for (const auto& [bank, values] : pcrs) {
    out += fmt::format("{}:\n", tcg::Name(bank));
    for (const auto& [pcr, value] : values) {
      out += fmt::format("  {:>2}  {}\n", pcr, HexEncode(value));
    }
  }
  return out;
}

Result<int> RunMeasureLog(const Options& options) {
  const auto pcrs = TRY(PcrsOfLog(options.file));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"pcrs", measure::PcrsJson(pcrs)}}));
  } else {
    fmt::print("{}", PcrsText(pcrs));
  }
  return kExitTrusted;
}

}  // namespace assay::cli
