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

}  // namespace

Result<TdReport> ParseTdReport(View body, bool td15) {
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
  if (td15) {
    out.tee_tcb_svn_2 = TRY(TakeSvns(in, "TEE_TCB_SVN_2"));
    out.mr_service_td = TRY(in.Take(48, "MRSERVICETD"));
  }
  TRY_VOID(in.ExpectEnd());
  return out;
}

}  // namespace assay::tdx
