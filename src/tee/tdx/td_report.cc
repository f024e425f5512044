#include "tee/tdx/td_report.h"

#include "base/reader.h"

namespace assay::tdx {
namespace {

Result<dcap::Svns> TakeSvns(Reader& in, std::string_view field) {
  const View bytes = TRY(in.Take(16, field));
  dcap::Svns out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ToU8(bytes[i]);
  return out;
}

Result<TdReportEx> TakeEx(Reader& in) {
  TdReportEx out;
  out.vm_id = TRY(in.U8("VMID"));
  out.td_id = TRY(in.Take(32, "TD_ID"));
  out.device_info = TRY(in.Take(48, "DEV_INFO"));
  out.init_service_td_hash = TRY(in.Take(48, "INIT_SERVTD_HASH"));
  out.init_service_td_attributes = TRY(in.Take(8, "INIT_SERVTD_ATTRIBUTES"));
  out.init_cpu_svn = TRY(in.Take(16, "INIT_CPUSVN"));
  out.init_tee_tcb_svn = TRY(in.Take(16, "INIT_TEE_TCB_SVN"));
  out.init_tee_fmspc = TRY(in.Take(12, "INIT_TEE_FMSPC"));
  out.current_service_td_hash = TRY(in.Take(48, "CUR_SERVTD_HASH"));
  out.current_service_td_attributes = TRY(in.Take(8, "CUR_SERVTD_ATTRIBUTES"));
  return out;
}

}  // namespace

Result<TdReport> ParseTdReport(View body, dcap::BodyType type) {
  Reader in(body, "TD report");
  TdReport out;
  out.tee_tcb_svn = TRY(TakeSvns(in, "TEE_TCB_SVN"));
  out.mr_seam = TRY(in.Take(48, "MRSEAM"));
  out.mr_signer_seam = TRY(in.Take(48, "MRSIGNERSEAM"));
  out.seam_attributes = TRY(in.Take(8, "SEAMATTRIBUTES"));
  out.td_attributes = TRY(in.Take(8, "TDATTRIBUTES"));
  out.xfam = TRY(in.Take(8, "XFAM"));
  out.mr_td = TRY(in.Take(48, "MRTD"));
  out.mr_config_id = TRY(in.Take(48, "MRCONFIGID"));
  out.mr_owner = TRY(in.Take(48, "MROWNER"));
  out.mr_owner_config = TRY(in.Take(48, "MROWNERCONFIG"));
  for (View& rtmr : out.rtmr) rtmr = TRY(in.Take(48, "RTMR"));
  out.report_data = TRY(in.Take(64, "REPORTDATA"));
  if (type == dcap::BodyType::kTd15 || type == dcap::BodyType::kTd15Ex) {
    out.tee_tcb_svn_2 = TRY(TakeSvns(in, "TEE_TCB_SVN_2"));
    out.mr_service_td = TRY(in.Take(48, "MRSERVICETD"));
  }
  if (type == dcap::BodyType::kTd15Ex) out.ex = TRY(TakeEx(in));
  TRY_VOID(in.ExpectEnd());
  return out;
}

}  // namespace assay::tdx
