#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.h"
#include "tee/dcap/checks.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kTcbMatching = "Intel PCS API v4, TCB level matching";
constexpr std::string_view kQeClause = "Intel PCS API v4, enclave identity";

bool EqualUnderMask(View found, View expected, View mask) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if ((found[i] & mask[i]) != (expected[i] & mask[i])) return false;
  }
  return true;
}

void CheckQeIdentity(const QeIdentity& identity, const Quote& quote, Trace& trace) {
  const SgxReport& qe = quote.qe;
  const auto at = [&](std::size_t offset, std::size_t size) {
    return ByteRange{quote.qe_report_range.offset + offset, size};
  };
  trace.Expect(Equal(qe.mr_signer, identity.mr_signer), "qe.mrsigner",
               HexEncode(identity.mr_signer), HexEncode(qe.mr_signer), kQeClause, at(128, 32));
  trace.Expect(qe.isv_prod_id == identity.isv_prod_id, "qe.isvprodid",
               std::to_string(identity.isv_prod_id), std::to_string(qe.isv_prod_id), kQeClause,
               at(256, 2));
  trace.Expect((qe.misc_select & identity.misc_select_mask) ==
                   (identity.misc_select & identity.misc_select_mask),
               "qe.miscselect", fmt::format("{:08x}", identity.misc_select),
               fmt::format("{:08x}", qe.misc_select), kQeClause, at(16, 4));
  trace.Expect(EqualUnderMask(qe.attributes, identity.attributes, identity.attributes_mask),
               "qe.attributes", HexEncode(identity.attributes), HexEncode(qe.attributes), kQeClause,
               at(48, 16));
}

// "UpToDate since 2024-03-13", or why there is none.
std::string Describe(const std::optional<LevelResult>& part) {
  if (!part) return "no level matches: this TCB is not supported";
  return fmt::format("{}, {}", TcbStatusName(part->status),
                     FormatTime(part->tcb_date).substr(0, 10));
}

void CheckLevel(const std::optional<LevelResult>& part, std::string_view name, ByteRange where,
                Trace& trace) {
  trace.Expect(part.has_value(), name, "a level that it reaches", Describe(part), kTcbMatching,
               where);
}

void CheckStatus(const TcbEvaluation& tcb, Trace& trace) {
  if (!tcb.status) return;  // a level check has failed
  Check check{"tcb.status",
              Outcome::kPass,
              "UpToDate, or SWHardeningNeeded / Configuration* with a warning",
              std::string(TcbStatusName(*tcb.status)),
              {},
              kTcbMatching};
  if (!tcb.advisory_ids.empty()) {
    check.found += fmt::format(" ({})", fmt::join(tcb.advisory_ids, ", "));
  }
  if (!TrustedByDefault(*tcb.status)) {
    check.outcome = Outcome::kFail;
  } else if (*tcb.status != TcbStatus::kUpToDate) {
    check.outcome = Outcome::kWarn;
  }
  trace.Add(std::move(check));
}

}  // namespace

void CheckTcb(const Quote& quote, const Endorsements& endorsements, const std::optional<TdTcb>& td,
              Trace& trace) {
  if (!endorsements.chain || !endorsements.tcb_info || !endorsements.qe_identity) return;
  CheckQeIdentity(*endorsements.qe_identity->qe_identity, quote, trace);
  const TcbEvaluation tcb = EvaluateTcb(endorsements, quote.qe, td);
  CheckLevel(tcb.qe, "qe.level", {quote.qe_report_range.offset + 258, 2}, trace);
  CheckLevel(tcb.platform, "tcb.level", quote.certification_range, trace);  // the PCK's extension
  const ByteRange tee_tcb_svn = {quote.body_offset, 16};
  if (tcb.module_needed) CheckLevel(tcb.module, "tdx_module.level", tee_tcb_svn, trace);
  if (tcb.platform && (!tcb.module_needed || tcb.module) && tcb.qe && !tcb.status) {
    trace.Expect(false, "tcb.current_level", "a level that TEE_TCB_SVN_2 reaches",
                 "no level matches: this TCB is not supported", kTcbMatching,
                 {quote.body_offset + 584, 16});
  }
  CheckStatus(tcb, trace);
}

}  // namespace assay::dcap
