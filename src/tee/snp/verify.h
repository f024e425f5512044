// The checks of an SEV-SNP report: each is one entry of the trace.
#pragma once

#include "tee/core/scheme.h"
#include "tee/snp/chain.h"
#include "tee/snp/report.h"

namespace assay::snp {

struct ParsedReport : Parsed {
  Report report;
};

void CheckReport(const Report& report, const VerifyInput& input, Trace& trace);

// The parts of it.
void CheckFields(const Report& report, const Expectations& expectations, Trace& trace);
void CheckChain(const Leaf& leaf, const VerifyInput& input, Trace& trace);
void CheckRevocation(const Path& path, const VerifyInput& input, Trace& trace);
void CheckLeafAgainstReport(const Leaf& leaf, const Report& report, Trace& trace);

// Nothing when neither VCEK nor VLEK signed the report.
CollateralNeeds NeedsOf(const Report& report);

Claims MakeClaims(const Report& report, const VerifyInput& input);
json::Value Describe(const Report& report);
Meaning Explain(const Report& report, const Trace& trace);

}  // namespace assay::snp
