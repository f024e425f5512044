// Evidence of made-up hardware with all its collateral, exact in structure, under a throw-away
// root.
//
// Production refuses it by construction: the root's key is drawn anew in each process and pinned
// nowhere. Everything else is as the vendors have it, so that every other check passes, or exactly
// one fails: the fault asked for.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "evidence/collateral.h"
#include "tee/core/scheme.h"

namespace assay::simulate {

// Both ends are included.
struct Validity {
  Time from{}, to{};
};

struct Simulation {
  Bytes evidence;
  Collateral collateral;
  TrustedRoots roots;
  // What the verifier is to demand: REPORT_DATA and, for TDX, the event log.
  Expectations expectations;
  Time at{};  // the time as of which it is to be judged
  // What to write to a folder: "evidence.bin", "root.pem", "collateral/…".
  std::map<std::string, Bytes> files;
  // When each part is valid, by the name of the check that says so.
  std::map<std::string_view, Validity> validity;
};

enum class Wrapper { kNone, kOpenEnclave, kRaTls };

// Which of the legitimate shapes the evidence has. The defaults are the usual ones.
struct Shape {
  unsigned version = 0;              // quote: 3 to 5, report: 2 to 5; 0: SGX 3, TDX 4, SNP 3
  Wrapper wrapper = Wrapper::kNone;  // SGX: what Open Enclave puts around the quote
  // Intel
  bool td15 = false;              // TD report 1.5, in quote version 5
  bool relaunch = false;          // TD 1.5: launched under an old TDX module, which is current now
  unsigned tcb_info_version = 3;  // SGX: 2 or 3
  std::string tcb_status = "UpToDate", module_status = "UpToDate", qe_status = "UpToDate";
  unsigned sgx_type = 0;      // 0 standard, 1 scalable, 2 scalable with integrity
  bool processor_ca = false;  // instead of the Platform CA
  // AMD
  std::string product = "Milan";  // "Genoa", "Turin"
  bool vlek = false;
  Bytes report_data = {};  // what report or quote bind, at most 64 bytes; empty: a filler
};

// `kind` is "sgx", "tdx", "snp", "tpm", "azure" or "vbs"; `fault` names the one check that shall
// fail, empty for none. A fault that only some shapes can have chooses such a one.
Result<Simulation> Simulate(std::string_view kind, std::string_view fault, const Shape& shape = {});

// The faults of a kind; empty for an unknown one. Checks that cannot fail alone are not among them:
// without leaf certificate, for example, no signature can be verified either.
std::vector<std::string> FaultsOf(std::string_view kind);

}  // namespace assay::simulate
