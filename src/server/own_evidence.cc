#include "server/own_evidence.h"

#include "base/encoding.h"
#include "guest/hardware.h"

namespace assay {
namespace {

std::string StatementOf(LedgerService& service) {
  const DecisionLog& decisions = service.decisions();
  return json::Write(json::Object{{"build", HexEncode(decisions.build())},
                                  {"checkpoint", service.ledger().signed_checkpoint()},
                                  {"configuration", HexEncode(decisions.configuration())},
                                  {"ledger", service.ledger().verifier().ToText()}});
}

}  // namespace

ReadOwnReport OwnReportOf(const std::filesystem::path& tsm_root) {
  return [tsm_root](View input) -> Result<std::optional<TsmReport>> {
    std::error_code error;
    if (!std::filesystem::exists(tsm_root, error)) return std::optional<TsmReport>();
    return ReadTsmReport({.root = tsm_root, .make_entry = {}}, input).map([](TsmReport&& report) {
      return std::optional(std::move(report));
    });
  };
}

Result<std::optional<std::uint64_t>> RecordOwnEvidence(LedgerService& ledger,
                                                       const ReadOwnReport& read) {
  const std::string statement = StatementOf(ledger);
  const auto report = TRY(read(HardwareInputFor(AsBytes(statement))));
  if (!report) return std::optional<std::uint64_t>();
  const std::optional<HardwareKind> kind = HardwareKindOf(*report);
  if (!kind) {
    return Fail(ErrorCode::kUnsupported,
                "the service's own evidence: expected a report of sev_guest or tdx_guest, found "
                "one of " +
                    report->provider);
  }
  HardwareRequest request = TRY(HardwareRequestOf(*kind, *report, AsBytes(statement)));
  ledger::Record record;
  record.kind = ledger::RecordKind::kAdministration;
  record.subject = std::string(kOwnEvidenceSubject);
  record.evidence = Sha256(report->report);
  record.detail = json::Write(
      json::Object{{"action", std::move(request.action)}, {"body", std::move(request.body)}});
  const auto place = ledger.decisions().WriteWhole(std::move(record));
  if (!place) {
    return Fail(ErrorCode::kIo, "ledger: the service's own evidence could not be recorded");
  }
  ledger.SetOwnEvidence(place->index);
  return std::optional(place->index);
}

}  // namespace assay
