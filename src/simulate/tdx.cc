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
Bytes TdReport(bool td15, std::string_view fault) {
  Bytes out(td15 ? 648 : 584);
  Put(out, 0, TeeTcbSvn(kTdxModuleSvn));
  Put(out, 16, Filler("Assay simulation TDX module", 48));
  if (fault == "tdx_module.mrsigner") Put(out, 64, Filler("another module signer", 48));
  if (fault == "tdx_module.attributes") PutLe(out, 112, 1, 8);
  PutLe(out, 120, fault == "tdx.debug" ? 0x1000'0001 : 0x1000'0000, 8);  // SEPT_VE_DISABLE
  PutLe(out, 128, 0x0006'02E7, 8);
  Put(out, 136, Filler("Assay simulation TD", 48));
  for (std::size_t i = 0; i < 4; ++i) {
    Put(out, 328 + 48 * i, Filler("Assay simulation RTMR" + std::to_string(i), 48));
  }
  Put(out, 520, Filler("Assay simulation report data", 32));
  // A module that was current at launch and is no longer supported.
  if (td15) Put(out, 584, TeeTcbSvn(fault == "tcb.current_level" ? 0 : kTdxModuleSvn));
  return out;
}

}  // namespace

Result<Simulation> SimulateTdx(std::string_view fault) {
  Simulation out;
  const IntelKeys keys = TRY(MakeIntelKeys());
  const IntelPki pki = TRY(MakeIntelPki(keys, fault, out));
  TRY_VOID(AddIntelDocuments(keys, true, fault, out));
  // Only TD report 1.5, in quotes of version 5, states the SVNs of now.
  const bool td15 = fault == "tcb.current_level";
  const QuoteParts parts = {td15 ? 5U : 4U, true, TdReport(td15, fault)};
  out.evidence = TRY(MakeQuote(parts, keys, pki, fault));
  out.files["evidence.bin"] = out.evidence;
  return out;
}

}  // namespace assay::simulate
