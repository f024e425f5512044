// `assay ledger service`: what does the service itself run in?
#include <fmt/format.h>

#include "base/json.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/ledger.h"
#include "cli/report.h"
#include "cli/service_on_record.h"
#include "cli/sources.h"

namespace assay::cli {
namespace {

Result<Verdict> JudgeService(const Options& options, const ServiceOnRecord& service) {
  const AttestRequest& evidence = service.evidence;
  const std::unique_ptr<Sources> sources = TRY(Sources::Open(options, evidence.certificates));
  Expectations expectations = TRY(ExpectationsOf(options));
  expectations.report_data = ToBytes(Sha256(evidence.runtime_data->bytes));
  Appraiser appraiser(TRY(RootsOf(options)));
  return appraiser.Appraise(evidence.evidence, evidence.scheme, sources->source(), expectations,
                            TRY(TimeOf(options)));
}

}  // namespace

Result<int> RunLedgerService(const Options& options) {
  if (!options.report_data.empty() || !options.nonce.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "ledger service: the report binds the service's statement: leave out --report-data "
                "and --nonce");
  }
  const ledger::NoteVerifier log = TRY(LedgerKeyOf(options));
  const Bytes proof = TRY(ReadFile(options.file, limits::kProofDocumentBytes));
  const auto service = ReadServiceOnRecord(AsText(proof), log);
  if (!service && service.error().code != ErrorCode::kInvalidArgument) {
    return tl::unexpected(service.error());
  }
  if (!service) return PrintRefused(options, {service.error().message});
  const Verdict verdict = TRY(JudgeService(options, *service));
  const int exit_code = verdict.trusted ? kExitTrusted : kExitRefused;
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"verified", verdict.trusted},
                                                      {"entry", service->entry.inclusion.index},
                                                      {"time", FormatTime(service->entry.time)},
                                                      {"build", service->build},
                                                      {"configuration", service->configuration},
                                                      {"covered", service->covered},
                                                      {"verdict", VerdictJson(verdict)}}));
    return exit_code;
  }
  fmt::print("{}", VerdictText(verdict));
  if (!verdict.trusted) return exit_code;
  fmt::print("The service's own evidence: entry {}, {}\n", service->entry.inclusion.index,
             FormatTime(service->entry.time));
  fmt::print("  program        {}\n  configuration  {}\n", service->build, service->configuration);
  fmt::print("  it vouches for the ledger's key and its first {} entries\n", service->covered);
  return exit_code;
}

}  // namespace assay::cli
