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
  Time at{};  // the time as of which it is to be judged
  // What to write to a folder: "evidence.bin", "root.pem", "collateral/…".
  std::map<std::string, Bytes> files;
  // When each part is valid, by the name of the check that says so.
  std::map<std::string_view, Validity> validity;
};

// `kind` is "sgx", "tdx" or "snp"; `fault` names the one check that shall fail, empty for none.
Result<Simulation> Simulate(std::string_view kind, std::string_view fault);

// The faults of a kind; empty for an unknown one. Checks that cannot fail alone are not among them:
// without leaf certificate, for example, no signature can be verified either.
std::vector<std::string> FaultsOf(std::string_view kind);

}  // namespace assay::simulate
