#include "tee/tdx/scheme.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/core/cc_event_log.h"
#include "tee/dcap/checks.h"
#include "tee/dcap/claims.h"
#include "tee/tdx/td_report.h"

namespace assay {
namespace {

using dcap::Quote;
using tdx::TdReport;

struct TdxEvidence final : Parsed {
  Bytes bytes;  // what the views below point into
  Quote quote;
  TdReport report;

  dcap::TdTcb tcb() const { return {report.tee_tcb_svn, report.tee_tcb_svn_2}; }
  ByteRange Range(std::size_t offset, std::size_t length) const {
    return {quote.body_offset + offset, length};
  }
};

const TdxEvidence& Tdx(const Parsed& parsed) { return static_cast<const TdxEvidence&>(parsed); }

bool Recognises(View evidence) {
  // Version 4 or 5, attestation key type 2 or 3, TEE type 0x81.
  if (evidence.size() < dcap::kHeaderSize || evidence[1] != std::byte{0}) return false;
  const auto version = ToU8(evidence[0]);
  const auto key_type = ToU8(evidence[2]);
  return (version == 4 || version == 5) && (key_type == 2 || key_type == 3) &&
         evidence[3] == std::byte{0} && evidence[4] == std::byte{0x81} &&
         IsZero(evidence.subspan(5, 3));
}

Result<std::unique_ptr<Parsed>> Parse(View evidence) {
  auto out = std::make_unique<TdxEvidence>();
  out->bytes = ToBytes(evidence);
  out->quote = TRY(dcap::ParseQuote(out->bytes));
  if (out->quote.body_type == dcap::BodyType::kSgx) {
    return Fail(ErrorCode::kUnsupported, "quote: holds an SGX report, expected a TD report",
                "verify it as sgx");
  }
  out->report = TRY(tdx::ParseTdReport(out->quote.body, out->quote.body_type));
  return std::unique_ptr<Parsed>(std::move(out));
}

void CheckAttributes(const TdxEvidence& evidence, const VerifyInput& input, Trace& trace) {
  constexpr std::string_view kClause = "Intel TDX module ABI, TD ATTRIBUTES";
  const auto under_debug = ToU8(evidence.report.td_attributes[0]);
  Check debug{"tdx.debug",  Outcome::kPass,         "TDATTRIBUTES.TUD 0: a production TD",
              "production", evidence.Range(120, 8), kClause};
  if (under_debug != 0) {
    // Bits 1 to 7 are reserved for more ways to be "TD under debug".
    const bool only_debug = under_debug == 1;
    debug.outcome = only_debug && input.expectations.allow_debug ? Outcome::kWarn : Outcome::kFail;
    debug.found =
        fmt::format("0x{:02x}: the host can read and change the TD's memory", under_debug);
  }
  trace.Add(std::move(debug));
}

// The SEAM module's signer and attributes must be those that the (signed) TCB info states.
void CheckModule(const TdxEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const dcap::Endorsements endorsements = dcap::GatherEndorsements(evidence.quote, input);
  if (!endorsements.tcb_info || !endorsements.tcb_info->tcb_info->tdx_module) return;
  const dcap::TcbInfo& info = *endorsements.tcb_info->tcb_info;
  const TdReport& report = evidence.report;
  const dcap::TdxModule* module = report.tee_tcb_svn[1] > 0
                                      ? dcap::FindModuleIdentity(info, report.tee_tcb_svn)
                                      : &*info.tdx_module;
  if (module == nullptr) return;  // tdx_module.level has failed
  constexpr std::string_view kClause = "Intel PCS API v4, TDX module identity";
  trace.Expect(Equal(report.mr_signer_seam, module->mr_signer), "tdx_module.mrsigner",
               HexEncode(module->mr_signer), HexEncode(report.mr_signer_seam), kClause,
               evidence.Range(64, 48));
  Bytes masked = ToBytes(report.seam_attributes);
  for (std::size_t i = 0; i < masked.size(); ++i) masked[i] &= module->attributes_mask[i];
  trace.Expect(Equal(masked, module->attributes), "tdx_module.attributes",
               HexEncode(module->attributes), HexEncode(report.seam_attributes), kClause,
               evidence.Range(112, 8));
}

void CheckEventLog(const TdxEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (!input.expectations.event_log) return;
  const auto log = cc_log::ParseEventLog(*input.expectations.event_log);
  constexpr std::string_view kClause = "UEFI 2.10 §38, CC event log";
  if (!trace.Expect(log.has_value(), "event_log.layout", "a crypto-agile log with SHA-384 digests",
                    log ? "it is" : log.error().message, kClause)) {
    return;
  }
  const auto replayed = cc_log::Replay(*log);
  constexpr std::array<std::string_view, 4> kNames = {"event_log.rtmr0", "event_log.rtmr1",
                                                      "event_log.rtmr2", "event_log.rtmr3"};
  for (std::size_t i = 0; i < replayed.size(); ++i) {
    if (!replayed[i]) continue;  // RTMR3 is often extended by software that keeps a log of its own
    trace.Expect(Equal(*replayed[i], evidence.report.rtmr[i]), kNames[i],
                 HexEncode(evidence.report.rtmr[i]), HexEncode(*replayed[i]), kClause,
                 evidence.Range(328 + 48 * i, 48));
  }
}

void CheckEvidence(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  const TdxEvidence& evidence = Tdx(parsed);
  dcap::CheckQuote(evidence.quote, evidence.tcb(), input, trace);
  CheckModule(evidence, input, trace);
  CheckAttributes(evidence, input, trace);
  CheckEventLog(evidence, input, trace);
  dcap::CheckTrailing(evidence.quote, evidence.report.report_data, trace);
  dcap::CheckReportData(evidence.report.report_data, evidence.Range(520, 64), input, trace);
}

void AppendEx(const tdx::TdReportEx& ex, json::Object& out) {
  out.emplace_back("vm_id", unsigned{ex.vm_id});
  out.emplace_back("td_id", HexEncode(ex.td_id));
  out.emplace_back("device_info", HexEncode(ex.device_info));
  out.emplace_back("init_service_td_hash", HexEncode(ex.init_service_td_hash));
  out.emplace_back("init_service_td_attributes", HexEncode(ex.init_service_td_attributes));
  out.emplace_back("init_cpu_svn", HexEncode(ex.init_cpu_svn));
  out.emplace_back("init_tee_tcb_svn", HexEncode(ex.init_tee_tcb_svn));
  out.emplace_back("init_tee_fmspc", HexEncode(ex.init_tee_fmspc));
  out.emplace_back("current_service_td_hash", HexEncode(ex.current_service_td_hash));
  out.emplace_back("current_service_td_attributes", HexEncode(ex.current_service_td_attributes));
}

void AppendTdReport(const TdReport& report, json::Object& out) {
  const auto svns = [](const dcap::Svns& s) { return HexEncode(std::as_bytes(std::span(s))); };
  out.emplace_back("is_debuggable", report.debug());
  out.emplace_back("mrtd", HexEncode(report.mr_td));
  out.emplace_back("mrseam", HexEncode(report.mr_seam));
  out.emplace_back("mrsignerseam", HexEncode(report.mr_signer_seam));
  out.emplace_back("seam_attributes", HexEncode(report.seam_attributes));
  out.emplace_back("td_attributes", HexEncode(report.td_attributes));
  out.emplace_back("xfam", HexEncode(report.xfam));
  out.emplace_back("mrconfigid", HexEncode(report.mr_config_id));
  out.emplace_back("mrowner", HexEncode(report.mr_owner));
  out.emplace_back("mrownerconfig", HexEncode(report.mr_owner_config));
  for (std::size_t i = 0; i < report.rtmr.size(); ++i) {
    out.emplace_back(fmt::format("rtmr{}", i), HexEncode(report.rtmr[i]));
  }
  out.emplace_back("report_data", HexEncode(report.report_data));
  out.emplace_back("tee_tcb_svn", svns(report.tee_tcb_svn));
  if (report.tee_tcb_svn_2) {
    out.emplace_back("tee_tcb_svn_2", svns(*report.tee_tcb_svn_2));
    out.emplace_back("mrservicetd", HexEncode(report.mr_service_td));
  }
  if (report.ex) AppendEx(*report.ex, out);
}

CollateralNeeds Needs(const Parsed& parsed, VerifyCache& cache) {
  return dcap::NeedsOf(Tdx(parsed).quote, cache);
}

Claims MakeClaims(const Parsed& parsed, const VerifyInput& input) {
  const TdxEvidence& evidence = Tdx(parsed);
  Claims out;
  AppendTdReport(evidence.report, out);
  dcap::AppendPlatformClaims(evidence.quote, evidence.tcb(), input, out);
  return out;
}

json::Value Describe(const Parsed& parsed) {
  const TdxEvidence& evidence = Tdx(parsed);
  json::Object out;
  dcap::AppendQuoteDescription(evidence.quote, out);
  AppendTdReport(evidence.report, out);
  return out;
}

Meaning Explain(const Parsed& parsed, const Trace& trace) {
  const TdxEvidence& evidence = Tdx(parsed);
  Meaning out;
  if (!trace.failed()) {
    out.proves.push_back(
        "a trust domain with this MRTD and these RTMRs ran on a genuine Intel "
        "platform that Intel had not revoked");
    out.does_not_prove.push_back(
        "when the quote was made, unless REPORTDATA holds your fresh nonce");
    out.does_not_prove.push_back("what the RTMRs mean, unless an event log was replayed to them");
  }
  if (evidence.report.debug()) {
    out.does_not_prove.push_back("confidentiality: a debug TD's memory is readable by the host");
  }
  return out;
}

}  // namespace

const Scheme kTdxScheme = {"tdx",      "Intel TDX quote", Recognises, Parse, CheckEvidence,
                           MakeClaims, Describe,          Explain,    Needs};

}  // namespace assay
