#include "tee/snp/verify.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay::snp {
namespace {

constexpr std::string_view kReportClause = "AMD 56860 Table 23";
constexpr std::string_view kPolicyClause = "AMD 56860, guest policy";
constexpr std::string_view kTcbClause = "AMD 56860, TCB_VERSION";

void CheckPolicy(const Report& report, const Expectations& expectations, Trace& trace) {
  Check debug{.name = "report.policy.debug",
              .outcome = Outcome::kPass,
              .expected = "debugging not allowed (bit 19 is 0)",
              .found = report.debug() ? "debugging allowed" : "debugging not allowed",
              .where = {0x08, 8},
              .clause = kPolicyClause};
  if (report.debug()) debug.outcome = expectations.allow_debug ? Outcome::kWarn : Outcome::kFail;
  trace.Add(std::move(debug));
  trace.Add({.name = "report.policy.migration",
             .outcome = report.migration_allowed() ? Outcome::kWarn : Outcome::kPass,
             .expected = "no migration agent allowed (bit 18 is 0)",
             .found = report.migration_allowed() ? "a migration agent is allowed"
                                                 : "no migration agent allowed",
             .where = {0x08, 8},
             .clause = kPolicyClause});
}

void CheckReportData(const Report& report, const Expectations& expectations, Trace& trace) {
  if (!expectations.report_data) return;
  const Bytes& wanted = *expectations.report_data;
  const View found(report.report_data);
  const bool ok = wanted.size() <= found.size() && Equal(found.first(wanted.size()), wanted) &&
                  IsZero(found.subspan(wanted.size()));
  trace.Expect(ok, "report.report_data", HexEncode(wanted) + ", then zero", HexEncode(found),
               kReportClause, {0x50, 64});
}

void CheckTcbOrder(const Report& report, Trace& trace) {
  trace.Expect(AtMost(report.committed_tcb, report.current_tcb), "report.tcb.committed",
               "at most CURRENT_TCB " + HexEncode(report.current_tcb),
               HexEncode(report.committed_tcb), kTcbClause, {0x1E0, 8});
  trace.Expect(AtMost(report.reported_tcb, report.committed_tcb), "report.tcb.reported",
               "at most COMMITTED_TCB " + HexEncode(report.committed_tcb),
               HexEncode(report.reported_tcb), kTcbClause, {0x180, 8});
}

void CheckSignature(const Path& path, const Report& report, Trace& trace) {
  const View r(report.signature_r);
  const View s(report.signature_s);
  const bool fits = IsZero(r.subspan(48)) && IsZero(s.subspan(48));
  trace.Expect(fits, "report.signature_encoding", "R and S of 48 bytes, then zero",
               fits ? "as expected" : "more than 48 bytes", "AMD 56860, ECDSA P-384 signature",
               {kSignedBytes, 144});
  const bool ok = fits && path.leaf && SignedBy(path.leaf->key(), report);
  trace.Expect(ok, "report.signature",
               "ECDSA P-384 with SHA-384 by the key of the leaf certificate",
               ok ? "valid" : (path.leaf ? "not valid" : "no key to verify it with"),
               "AMD 56860, ECDSA P-384 signature", {0, kSignedBytes});
}

}  // namespace

void CheckFields(const Report& report, const Expectations& expectations, Trace& trace) {
  trace.Expect(
      report.reserved_not_zero.empty(), "report.reserved", "reserved fields are zero",
      report.reserved_not_zero.empty() ? "all zero" : std::string(report.reserved_not_zero),
      kReportClause, report.reserved_where);
  trace.Expect(report.signature_algorithm == kEcdsaP384Sha384, "report.signature_algorithm",
               "1 (ECDSA P-384 with SHA-384)", fmt::format("{}", report.signature_algorithm),
               kReportClause, {0x34, 4});
  const ReportKey key = report.signing_key();
  trace.Expect(key == ReportKey::kVcek || key == ReportKey::kVlek, "report.signing_key",
               "VCEK or VLEK", std::string(ReportKeyName(key)), kReportClause, {0x48, 4});
  trace.Expect(report.vmpl <= 3, "report.vmpl", "0 to 3", fmt::format("{}", report.vmpl),
               kReportClause, {0x30, 4});
  CheckPolicy(report, expectations, trace);
  CheckReportData(report, expectations, trace);
  CheckTcbOrder(report, trace);
}

void CheckReport(const Report& report, const VerifyInput& input, Trace& trace) {
  CheckFields(report, input.expectations, trace);
  const ReportKey key = report.signing_key();
  if (key != ReportKey::kVcek && key != ReportKey::kVlek) return;  // refused: nobody signed it
  const Leaf leaf = FindLeaf(report, input);
  const std::string kind(ReportKeyName(key));
  trace.Expect(
      leaf.path.leaf != nullptr, "leaf.found", "a " + kind + " certificate in collateral",
      leaf.path.leaf
          ? "found"
          : fmt::format("none of {} certificates is one{}", input.collateral.certificates.size(),
                        WhyMissing(input.collateral, CollateralPiece::kAmdLeaf)),
      "AMD 57230");
  CheckSignature(leaf.path, report, trace);
  if (leaf.path.leaf == nullptr) return;
  CheckLeafAgainstReport(leaf, report, trace);
  CheckChain(leaf, input, trace);
  CheckRevocation(leaf.path, input, trace);
}

}  // namespace assay::snp
