#include "simulate/simulate.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "crypto/digest.h"

namespace assay::cli {
namespace {

Result<void> WriteAll(const simulate::Simulation& simulation, const std::filesystem::path& folder) {
  // Into a folder of its own: a file left from another simulation would be taken for collateral.
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error)) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is not empty", folder.string()),
                "give a new folder with --out");
  }
  std::filesystem::create_directories(folder / "collateral", error);
  if (error) {
    return Fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  for (const auto& [name, content] : simulation.files) TRY_VOID(WriteFile(folder / name, content));
  return {};
}

// The options that make a verifier demand what the simulation expects of it.
std::string Demands(const std::string& folder, const Expectations& expectations) {
  std::string out;
  if (expectations.report_data) {
    out += " --report-data " + HexEncode(*expectations.report_data);
  }
  if (expectations.event_log) out += fmt::format(" --event-log {}/event_log.bin", folder);
  return out;
}

Result<simulate::Shape> ShapeOf(const Options& options) {
  simulate::Shape out;
  if (options.runtime_data.empty()) return out;
  if (options.kind != "snp") {
    return Fail(ErrorCode::kInvalidArgument, "--runtime-data is for snp");
  }
  const Bytes data = TRY(ReadFile(options.runtime_data, limits::kEvidenceBytes));
  out.report_data = ToBytes(Sha256(data));
  return out;
}

}  // namespace

Result<int> RunSimulate(const Options& options) {
  if (options.list_faults) {
    const auto faults = simulate::FaultsOf(options.kind);
    if (faults.empty()) TRY(simulate::Simulate(options.kind, ""));  // says which kinds there are
    for (const std::string& fault : faults) fmt::print("{}\n", fault);
    return kExitTrusted;
  }
  if (options.out.empty()) return Fail(ErrorCode::kInvalidArgument, "--out DIR is needed");
  const simulate::Simulation simulation =
      TRY(simulate::Simulate(options.kind, options.fault, TRY(ShapeOf(options))));
  TRY_VOID(WriteAll(simulation, options.out));
  fmt::print(
      "SIMULATED {} evidence: no hardware made it and no vendor signed it; only a verifier told "
      "to trust its root does.\n",
      options.kind);
  if (!options.fault.empty()) fmt::print("One check fails: {}\n", options.fault);
  fmt::print(
      "assay verify {0}/evidence.bin --type {1} --collateral {0}/collateral --trust-root "
      "{0}/root.pem --at {2}{3}\n",
      options.out, options.kind, FormatTime(simulation.at),
      Demands(options.out, simulation.expectations));
  return kExitTrusted;
}

}  // namespace assay::cli
