#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.h"
#include "tee/dcap/checks.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kPcs = "Intel PCS API v4, TCB level matching";
constexpr std::string_view kQeClause = "Intel PCS API v4, enclave identity";

bool EqualUnderMask(View found, View expected, View mask) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if ((found[i] & mask[i]) != (expected[i] & mask[i])) return false;
  }
  return true;
}

void CheckQeIdentity(const QeIdentity& identity, const SgxReport& qe, Trace& trace) {
  trace.Expect(Equal(qe.mr_signer, identity.mr_signer), "qe.mrsigner",
               HexEncode(identity.mr_signer), HexEncode(qe.mr_signer), kQeClause);
  trace.Expect(qe.isv_prod_id == identity.isv_prod_id, "qe.isvprodid",
               std::to_string(identity.isv_prod_id), std::to_string(qe.isv_prod_id), kQeClause);
  trace.Expect((qe.misc_select & identity.misc_select_mask) ==
                   (identity.misc_select & identity.misc_select_mask),
               "qe.miscselect", fmt::format("{:08x}", identity.misc_select),
               fmt::format("{:08x}", qe.misc_select), kQeClause);
  trace.Expect(EqualUnderMask(qe.attributes, identity.attributes, identity.attributes_mask),
               "qe.attributes", HexEncode(identity.attributes), HexEncode(qe.attributes),
               kQeClause);
}

// "UpToDate since 2024-03-13", or why there is none.
std::string Describe(const std::optional<LevelResult>& part) {
  if (!part) return "no level matches: this TCB is not supported";
  return fmt::format("{}, {}", TcbStatusName(part->status),
                     FormatTime(part->tcb_date).substr(0, 10));
}

void CheckLevel(const std::optional<LevelResult>& part, std::string_view name, Trace& trace) {
  trace.Expect(part.has_value(), name, "a level that it reaches", Describe(part), kPcs);
}

void CheckStatus(const TcbEvaluation& tcb, Trace& trace) {
  if (!tcb.status) return;  // a level check has failed
  Check check{"tcb.status",
              Outcome::kPass,
              "UpToDate, or SWHardeningNeeded / Configuration* with a warning",
              std::string(TcbStatusName(*tcb.status)),
              {},
              kPcs};
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

void CheckTcb(const Endorsements& endorsements, const SgxReport& qe_report,
              const std::optional<TdTcb>& td, Trace& trace) {
  if (!endorsements.chain || !endorsements.tcb_info || !endorsements.qe_identity) return;
  CheckQeIdentity(*endorsements.qe_identity->qe_identity, qe_report, trace);
  const TcbEvaluation tcb = EvaluateTcb(endorsements, qe_report, td);
  CheckLevel(tcb.qe, "qe.level", trace);
  CheckLevel(tcb.platform, "tcb.level", trace);
  if (tcb.module_needed) CheckLevel(tcb.module, "tdx_module.level", trace);
  if (tcb.platform && (!tcb.module_needed || tcb.module) && tcb.qe && !tcb.status) {
    trace.Expect(false, "tcb.current_level", "a level that TEE_TCB_SVN_2 reaches",
                 "no level matches: this TCB is not supported", kPcs);
  }
  CheckStatus(tcb, trace);
}

}  // namespace assay::dcap
