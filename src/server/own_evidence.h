// The service's own evidence on the record: in a confidential guest, the processor's report binds
// which program runs, under which configuration, with which ledger.
//
// The bound statement is the JSON object
//
//   {"build": SHA-256 in hex, "checkpoint": a signed note, "configuration": SHA-256 in hex,
//    "ledger": verifier key}
//
// and the entry an administration record: subject "service evidence", `evidence` the SHA-256 of the
// report, `detail` the request that has any attestation service judge it, {"action", "body"}. The
// checkpoint covers the entries that introduce the keys of tokens, so one report vouches for them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "api/ledger_service.h"
#include "guest/tsm_report.h"

namespace assay {

// Nothing where the machine is no confidential guest.
using ReadOwnReport = std::function<Result<std::optional<TsmReport>>(View input)>;
ReadOwnReport OwnReportOf(const std::filesystem::path& tsm_root);

// The entry's index; nothing where there is no report. kUnsupported for a report of a kind that no
// scheme judges.
Result<std::optional<std::uint64_t>> RecordOwnEvidence(LedgerService& ledger,
                                                       const ReadOwnReport& read);

}  // namespace assay
