#include "simulate/event_log.h"
#include "simulate/intel.h"
#include "simulate/intel_values.h"

namespace assay::simulate {
namespace {

Bytes TeeTcbSvn(unsigned module_svn) {
  Bytes out(16, std::byte{kTdxComponentSvn});
  PutLe(out, 0, module_svn, 1);
  PutLe(out, 1, 1, 1);  // the module is TDX_01
  return out;
}

// TD report 1.0; the 1.5 one has TEE_TCB_SVN_2 and MRSERVICETD behind it.
Bytes TdReport(bool td15, const EventLog& log, const Order& order) {
  Bytes out(td15 ? 648 : 584);
  Put(out, 0, TeeTcbSvn(order.shape.relaunch ? kTdxModuleSvn - 1 : kTdxModuleSvn));
  Put(out, 16, Filler("Assay simulation TDX module", 48));
  if (order.fault == "tdx_module.mrsigner") Put(out, 64, Filler("another module signer", 48));
  if (order.fault == "tdx_module.attributes") PutLe(out, 112, 1, 8);
  PutLe(out, 120, order.fault == "tdx.debug" ? 0x1000'0001 : 0x1000'0000, 8);  // SEPT_VE_DISABLE
  PutLe(out, 128, 0x0006'02E7, 8);
  Put(out, 136, Filler("Assay simulation TD", 48));
  for (std::size_t i = 0; i < 4; ++i) Put(out, 328 + 48 * i, log.rtmrs[i]);
  Put(out, 520, order.report_data.empty() ? Filler(kReportData, 32) : order.report_data);
  // A module that was current at launch and is no longer supported.
  if (td15) Put(out, 584, TeeTcbSvn(order.fault == "tcb.current_level" ? 0 : kTdxModuleSvn));
  return out;
}

}  // namespace

Result<Simulation> SimulateTdx(const Order& order) {
  Simulation out;
  const IntelKeys keys = TRY(MakeIntelKeys());
  const IntelPki pki = TRY(MakeIntelPki(keys, order, out));
  TRY_VOID(AddIntelDocuments(keys, true, order, out));
  // Only TD report 1.5, in quotes of version 5, states the SVNs of now.
  const bool td15 = order.fault == "tcb.current_level" || order.shape.td15 || order.shape.relaunch;
  const unsigned version = td15 ? 5 : order.shape.version == 0 ? 4 : order.shape.version;
  const EventLog log = MakeEventLog();
  out.evidence = TRY(MakeQuote({version, true, TdReport(td15, log, order)}, keys, pki, order));
  out.files["evidence.bin"] = out.evidence;
  ExpectReportData(out, Filler(kReportData, 32), order, "report_data");
  out.expectations.event_log = WithFault(log, order);
  out.files["event_log.bin"] = *out.expectations.event_log;
  return out;
}

}  // namespace assay::simulate
