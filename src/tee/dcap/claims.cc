#include "tee/dcap/claims.h"

#include "base/encoding.h"

namespace assay::dcap {
namespace {

json::Object CollateralClaims(const Quote& quote, const Endorsements& endorsements) {
  json::Object out;
  out.emplace_back("quotehash", HexEncode(Sha256(quote.whole)));
  if (endorsements.tcb_info)
    out.emplace_back("tcbinfohash", HexEncode(endorsements.tcb_info->digest));
  if (endorsements.qe_identity) {
    out.emplace_back("qeidhash", HexEncode(endorsements.qe_identity->digest));
  }
  if (endorsements.tcb_info_signer) {
    out.emplace_back("tcbinfocertshash", HexEncode(endorsements.tcb_info_signer->digest()));
  }
  if (endorsements.qe_identity_signer) {
    out.emplace_back("qeidcertshash", HexEncode(endorsements.qe_identity_signer->digest()));
  }
  if (endorsements.root_crl) {
    out.emplace_back("qeidcrlhash", HexEncode(endorsements.root_crl->digest()));
  }
  if (endorsements.pck_crl) {
    out.emplace_back("tcbinfocrlhash", HexEncode(endorsements.pck_crl->digest()));
  }
  return out;
}

void AppendPck(const PckExtension& platform, Claims& out) {
  out.emplace_back("fmspc", HexEncode(platform.fmspc));
  out.emplace_back("ppid", HexEncode(platform.ppid));
  out.emplace_back("pce_svn", json::Value(unsigned{platform.pce_svn}));
  out.emplace_back("sgx_type", platform.sgx_type == 0   ? "standard"
                               : platform.sgx_type == 1 ? "scalable"
                                                        : "scalable with integrity");
  if (!platform.platform_instance_id.empty()) {
    out.emplace_back("platform_instance_id", HexEncode(platform.platform_instance_id));
  }
  if (platform.dynamic_platform) out.emplace_back("dynamic_platform", *platform.dynamic_platform);
  if (platform.cached_keys) out.emplace_back("cached_keys", *platform.cached_keys);
  if (platform.smt_enabled) out.emplace_back("smt_enabled", *platform.smt_enabled);
}

}  // namespace

void AppendPlatformClaims(const Quote& quote, const std::optional<TdTcb>& td,
                          const VerifyInput& input, Claims& out) {
  const Endorsements endorsements = GatherEndorsements(quote, input);
  if (!endorsements.chain || !endorsements.tcb_info || !endorsements.qe_identity) return;
  const TcbEvaluation tcb = EvaluateTcb(endorsements, quote.qe, td);
  if (tcb.status) out.emplace_back("tcb_status", TcbStatusName(*tcb.status));
  out.emplace_back("tcb_date", FormatTime(tcb.tcb_date));
  json::Array advisories;
  for (const std::string& id : tcb.advisory_ids) advisories.emplace_back(id);
  out.emplace_back("advisory_ids", std::move(advisories));
  out.emplace_back("tcb_evaluation_data_number", tcb.evaluation_data_number);
  AppendPck(endorsements.chain->platform, out);
  out.emplace_back("collateral", CollateralClaims(quote, endorsements));
}

void AppendQuoteDescription(const Quote& quote, json::Object& out) {
  out.emplace_back("version", unsigned{quote.version});
  out.emplace_back("tee_type", unsigned{quote.tee_type});
  out.emplace_back("attestation_key_type", unsigned{quote.attestation_key_type});
  out.emplace_back("qe_vendor_id", HexEncode(quote.qe_vendor_id));
  out.emplace_back("certification_data_type", unsigned{quote.certification_type});
  out.emplace_back("attestation_key", HexEncode(quote.attestation_key));
  out.emplace_back("signature", HexEncode(quote.signature));
  out.emplace_back("quote_size", std::uint64_t{quote.whole.size()});
  out.emplace_back("trailing_bytes", std::uint64_t{quote.trailing.size()});
}

void AppendSgxReport(const SgxReport& report, json::Object& out) {
  out.emplace_back("is_debuggable", report.debug());
  out.emplace_back("mrenclave", HexEncode(report.mr_enclave));
  out.emplace_back("mrsigner", HexEncode(report.mr_signer));
  out.emplace_back("isv_prod_id", unsigned{report.isv_prod_id});
  out.emplace_back("isv_svn", unsigned{report.isv_svn});
  out.emplace_back("report_data", HexEncode(report.report_data));
  out.emplace_back("config_id", HexEncode(report.config_id));
  out.emplace_back("config_svn", unsigned{report.config_svn});
  out.emplace_back("isv_family_id", HexEncode(report.isv_family_id));
  out.emplace_back("isv_ext_prod_id", HexEncode(report.isv_ext_prod_id));
  out.emplace_back("attributes", HexEncode(report.attributes));
  out.emplace_back("misc_select", unsigned{report.misc_select});
  out.emplace_back("cpu_svn", HexEncode(report.cpu_svn));
}

}  // namespace assay::dcap
