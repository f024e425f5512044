#include "tee/dcap/checks.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay::dcap {

void CheckReportData(View report_data, ByteRange where, const VerifyInput& input, Trace& trace) {
  const auto& expected = input.expectations.report_data;
  if (!expected) return;
  const bool ok = expected->size() <= report_data.size() &&
                  Equal(report_data.first(expected->size()), *expected) &&
                  IsZero(report_data.subspan(expected->size()));
  trace.Expect(ok, "report_data", HexEncode(*expected) + " followed by zeros",
               HexEncode(report_data), "RFC 9334 §10, freshness and binding", where);
}

// Buffers of a fixed size arrive padded with zeros. Other bytes are covered by no signature and
// accepted only as Open Enclave's custom claims, which REPORTDATA names by their SHA-256.
void CheckTrailing(const Quote& quote, View report_data, Trace& trace) {
  if (quote.trailing.empty() || IsZero(quote.trailing)) return;
  const bool claims = Equal(Sha256(quote.trailing), report_data.first(32));
  trace.Expect(claims, "quote.trailing", "zeros, or custom claims that REPORTDATA binds",
               fmt::format("{} other bytes", quote.trailing.size()),
               "Open Enclave attestation format", quote.trailing_range);
}

void CheckQuote(const Quote& quote, const std::optional<TdTcb>& td, const VerifyInput& input,
                Trace& trace) {
  const Endorsements endorsements = GatherEndorsements(quote, input);
  CheckPckChain(quote, endorsements, input, trace);
  CheckQuoteSignatures(quote, endorsements, input, trace);
  CheckDocuments(quote, endorsements, input, trace);
  CheckTcb(quote, endorsements, td, trace);
}

}  // namespace assay::dcap
