// The TCB status of a platform: levels matched, then platform, TDX module and quoting enclave made
// one. Source: Intel PCS API v4, "TCB Info" and "Enclave Identity" (the level matching algorithms).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tee/dcap/endorsements.h"
#include "tee/dcap/sgx_report.h"

namespace assay::dcap {

// TEE_TCB_SVN and MRSIGNERSEAM, SEAMATTRIBUTES of a TD report; absent for SGX.
struct TdTcb {
  Svns tee_tcb_svn{};
  std::optional<Svns> tee_tcb_svn_2;  // TD report 1.5: the SVNs of now, not of launch
};

// A part without level ("no level matches") leaves `status` empty: TCB not supported.
struct TcbEvaluation {
  std::optional<LevelResult> platform;
  std::optional<LevelResult> qe;
  std::optional<LevelResult> module;  // TDX with module identities only
  bool module_needed = false;
  std::string module_id;
  std::optional<TcbStatus> status;
  Time tcb_date{};  // the earliest of the parts
  std::vector<std::string> advisory_ids;
  std::int64_t evaluation_data_number = 0;  // of the TCB info
};

// `endorsements` must have chain, tcb_info and qe_identity.
TcbEvaluation EvaluateTcb(const Endorsements& endorsements, const SgxReport& qe_report,
                          const std::optional<TdTcb>& td);

// The module identity that TEE_TCB_SVN names, "TDX_" + TEE_TCB_SVN[1] in hexadecimal; null when
// none.
const TdxModule* FindModuleIdentity(const TcbInfo& info, const Svns& tee_tcb_svn);

}  // namespace assay::dcap
