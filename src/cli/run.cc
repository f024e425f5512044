#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "base/json.h"
#include "cli/commands.h"

namespace assay::cli {
namespace {

struct Command {
  std::string_view name;
  Result<int> (*run)(const Options&);
};

constexpr std::array kCommands = std::to_array<Command>({
    {"verify", RunVerify},
    {"explain", RunExplain},
    {"inspect", RunInspect},
    {"collateral fetch", RunCollateralFetch},
    {"collateral needs", RunCollateralNeeds},
    {"collateral list", RunCollateralList},
    {"collateral export", RunCollateralExport},
    {"collateral import", RunCollateralImport},
    {"policy check", RunPolicyCheck},
    {"policy eval", RunPolicyEval},
    {"policy test", RunPolicyTest},
    {"policy query", RunPolicyQuery},
    {"policy diff", RunPolicyDiff},
    {"policy impact", RunPolicyImpact},
    {"provider create", RunProviderCreate},
    {"provider list", RunProviderList},
    {"provider show", RunProviderShow},
    {"provider delete", RunProviderDelete},
    {"fleet list", RunFleetList},
    {"fleet show", RunFleetShow},
    {"fleet approve", RunFleetApprove},
    {"fleet revoke", RunFleetRevoke},
    {"fleet recheck", RunFleetRecheck},
    {"release set", RunReleaseSet},
    {"release list", RunReleaseList},
    {"release show", RunReleaseShow},
    {"key create", RunKeyCreate},
    {"key show", RunKeyShow},
    {"key list", RunKeyList},
    {"key rotate-kek", RunKeyRotateKek},
    {"key approve-recovery", RunKeyApproveRecovery},
    {"key open-recovery", RunKeyOpenRecovery},
    {"ledger verify", RunLedgerVerify},
    {"ledger export", RunLedgerExport},
    {"ledger audit", RunLedgerAudit},
    {"ledger token", RunLedgerToken},
    {"ledger service", RunLedgerService},
    {"serve", RunServe},
    {"witness", RunWitness},
    {"token issue", RunTokenIssue},
    {"token inspect", RunTokenInspect},
    {"token rotate-keys", RunTokenRotateKeys},
    {"simulate", RunSimulate},
    {"measure trusted-launch", RunMeasureTrustedLaunch},
    {"measure snp", RunMeasureSnp},
    {"measure tdx", RunMeasureTdx},
    {"measure sgx", RunMeasureSgx},
    {"measure log", RunMeasureLog},
    {"measure ima", RunMeasureIma},
});

void PrintError(const Error& error, bool json) {
  if (json) {
    json::Object out;
    out.emplace_back("error", json::Object{{"code", ErrorCodeName(error.code)},
                                           {"message", error.message},
                                           {"hint", error.hint}});
    fmt::print("{}\n", json::WritePretty(out));
    return;
  }
  fmt::print(stderr, "error: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
}

}  // namespace

int Run(const Options& options) {
  for (const Command& command : kCommands) {
    if (command.name != options.command) continue;
    const auto code = command.run(options);
    if (code) return *code;
    PrintError(code.error(), options.json);
    return kExitNotJudged;
  }
  return kExitNotJudged;
}

}  // namespace assay::cli
