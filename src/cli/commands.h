// One function per command of the program; each returns its exit code, or an error to print.
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace assay::cli {

Result<int> RunVerify(const Options& options);
Result<int> RunExplain(const Options& options);
Result<int> RunInspect(const Options& options);
Result<int> RunCollateralFetch(const Options& options);
Result<int> RunCollateralNeeds(const Options& options);
Result<int> RunCollateralList(const Options& options);
Result<int> RunCollateralExport(const Options& options);
Result<int> RunCollateralImport(const Options& options);
Result<int> RunPolicyCheck(const Options& options);
Result<int> RunPolicyEval(const Options& options);
Result<int> RunPolicyTest(const Options& options);
Result<int> RunPolicyQuery(const Options& options);
Result<int> RunPolicyDiff(const Options& options);
Result<int> RunPolicyImpact(const Options& options);
Result<int> RunProviderCreate(const Options& options);
Result<int> RunProviderList(const Options& options);
Result<int> RunProviderShow(const Options& options);
Result<int> RunProviderDelete(const Options& options);
Result<int> RunFleetList(const Options& options);
Result<int> RunFleetShow(const Options& options);
Result<int> RunFleetApprove(const Options& options);
Result<int> RunFleetRevoke(const Options& options);
Result<int> RunFleetRecheck(const Options& options);
Result<int> RunReleaseSet(const Options& options);
Result<int> RunReleaseList(const Options& options);
Result<int> RunReleaseShow(const Options& options);
Result<int> RunKeyCreate(const Options& options);
Result<int> RunKeyShow(const Options& options);
Result<int> RunKeyList(const Options& options);
Result<int> RunKeyRotateKek(const Options& options);
Result<int> RunKeyApproveRecovery(const Options& options);
Result<int> RunKeyOpenRecovery(const Options& options);
Result<int> RunLedgerVerify(const Options& options);
Result<int> RunLedgerExport(const Options& options);
Result<int> RunLedgerAudit(const Options& options);
Result<int> RunLedgerToken(const Options& options);
Result<int> RunLedgerService(const Options& options);
Result<int> RunServe(const Options& options);
Result<int> RunWitness(const Options& options);
Result<int> RunTokenIssue(const Options& options);
Result<int> RunTokenInspect(const Options& options);
Result<int> RunTokenRotateKeys(const Options& options);
Result<int> RunSimulate(const Options& options);
Result<int> RunMeasureTrustedLaunch(const Options& options);
Result<int> RunMeasureSnp(const Options& options);
Result<int> RunMeasureTdx(const Options& options);
Result<int> RunMeasureSgx(const Options& options);
Result<int> RunMeasureLog(const Options& options);
Result<int> RunMeasureIma(const Options& options);

// Finds the command in the table and runs it; prints errors to standard error.
int Run(const Options& options);

}  // namespace assay::cli
