#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/files.h"
#include "cli/report.h"
#include "cli/sources.h"
#include "tee/core/cc_event_log.h"

namespace assay::cli {
namespace {

Result<int> Judge(const Options& options, bool every_check) {
  const Bytes evidence = TRY(ReadFile(options.file, limits::kEvidenceBytes));
  const std::unique_ptr<Sources> sources = TRY(Sources::Open(options));
  const Expectations expectations = TRY(ExpectationsOf(options));
  const Time now = TRY(TimeOf(options));
  Appraiser appraiser(TRY(RootsOf(options)));
  const Verdict verdict =
      TRY(appraiser.Appraise(evidence, options.kind, sources->source(), expectations, now));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(VerdictJson(verdict)));
  } else {
    fmt::print("{}", every_check ? ExplainText(verdict) : VerdictText(verdict));
    if (!verdict.trusted && !every_check) {
      fmt::print("`assay explain` with the same arguments shows every check.\n");
    }
  }
  return verdict.trusted ? kExitTrusted : kExitRefused;
}

json::Value DescribeEventLog(const std::vector<cc_log::LogEvent>& events) {
  json::Object out;
  out.emplace_back("kind", "CC event log");
  out.emplace_back("events", std::uint64_t{events.size()});
  const auto registers = cc_log::Replay(events);
  for (std::size_t i = 0; i < registers.size(); ++i) {
    if (registers[i]) out.emplace_back(fmt::format("rtmr{}", i), HexEncode(*registers[i]));
  }
  return out;
}

// A CC event log is no evidence by itself, but people want to look into it.
Result<json::Value> Decode(const Options& options, View evidence) {
  const Scheme* scheme = options.kind.empty() ? SchemeFor(evidence) : SchemeNamed(options.kind);
  if (scheme != nullptr) {
    json::Object out{{"kind", scheme->title}};
    const json::Value described = scheme->describe(*TRY(scheme->parse(evidence)));
    for (const auto& member : *described.AsObject()) out.push_back(member);
    return json::Value(std::move(out));
  }
  if (const auto log = cc_log::ParseEventLog(evidence)) return DescribeEventLog(*log);
  return Fail(
      ErrorCode::kUnsupported, fmt::format("{}: not of a kind this build knows", options.file),
      "expected an SGX or TDX quote, an SEV-SNP report, an Open Enclave report or a CC event log");
}

}  // namespace

Result<int> RunVerify(const Options& options) { return Judge(options, false); }
Result<int> RunExplain(const Options& options) { return Judge(options, true); }

Result<int> RunInspect(const Options& options) {
  const Bytes evidence = TRY(ReadFile(options.file, limits::kEvidenceBytes));
  const json::Value described = TRY(Decode(options, evidence));
  fmt::print("{}{}", options.json ? json::WritePretty(described) : ObjectText(described),
             options.json ? "\n" : "");
  return kExitTrusted;
}

}  // namespace assay::cli
