#include "tee/dcap/sgx_report.h"

#include "base/reader.h"

namespace assay::dcap {

Result<SgxReport> ParseSgxReport(View body) {
  Reader in(body, "SGX report");
  SgxReport out;
  out.cpu_svn = TRY(in.Take(16, "CPUSVN"));
  out.misc_select = TRY(in.U32Le("MISCSELECT"));
  TRY(in.Take(12, "reserved"));
  out.isv_ext_prod_id = TRY(in.Take(16, "ISVEXTPRODID"));
  out.attributes = TRY(in.Take(16, "ATTRIBUTES"));
  out.mr_enclave = TRY(in.Take(32, "MRENCLAVE"));
  TRY(in.Take(32, "reserved"));
  out.mr_signer = TRY(in.Take(32, "MRSIGNER"));
  TRY(in.Take(32, "reserved"));
  out.config_id = TRY(in.Take(64, "CONFIGID"));
  out.isv_prod_id = TRY(in.U16Le("ISVPRODID"));
  out.isv_svn = TRY(in.U16Le("ISVSVN"));
  out.config_svn = TRY(in.U16Le("CONFIGSVN"));
  TRY(in.Take(42, "reserved"));
  out.isv_family_id = TRY(in.Take(16, "ISVFAMILYID"));
  out.report_data = TRY(in.Take(64, "REPORTDATA"));
  TRY_VOID(in.ExpectEnd());
  return out;
}

}  // namespace assay::dcap
