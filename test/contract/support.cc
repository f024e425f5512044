#include "contract/support.h"

namespace assay::contract {

using simulate::Shape;
using simulate::Wrapper;

std::vector<NamedShape> AllShapes() {
  std::vector<NamedShape> out = {
      {"SgxV3", "sgx", {}},
      {"SgxV4", "sgx", {.version = 4}},
      {"SgxV5", "sgx", {.version = 5}},
      {"SgxOpenEnclave", "sgx", {.wrapper = Wrapper::kOpenEnclave}},
      {"SgxRaTls", "sgx", {.wrapper = Wrapper::kRaTls}},
      {"SgxTcbInfoV2", "sgx", {.tcb_info_version = 2}},
      {"SgxScalable", "sgx", {.sgx_type = 1}},
      {"SgxScalableWithIntegrity", "sgx", {.sgx_type = 2}},
      {"SgxProcessorCa", "sgx", {.processor_ca = true}},
      {"TdxV4", "tdx", {}},
      {"TdxV5Td10", "tdx", {.version = 5}},
      {"TdxV5Td15", "tdx", {.td15 = true}},
      {"TdxProcessorCa", "tdx", {.processor_ca = true}},
      {"TdxScalable", "tdx", {.sgx_type = 1}},
  };
  for (const char* product : {"Milan", "Genoa", "Turin"}) {
    for (unsigned version = 2; version <= 5; ++version) {
      const std::string name = std::string("Snp") + product + "V" + std::to_string(version);
      out.push_back({name, "snp", {.version = version, .product = product}});
    }
    out.push_back(
        {std::string("Snp") + product + "Vlek", "snp", {.product = product, .vlek = true}});
  }
  out.push_back({"Tpm", "tpm", {}});
  out.push_back({"Vbs", "vbs", {}});
  out.push_back({"Azure", "azure", {}});
  out.push_back({"AzureGenoa", "azure", {.product = "Genoa"}});
  return out;
}

Result<Verdict> Judge(const simulate::Simulation& simulation, std::string_view kind) {
  Appraiser appraiser(simulation.roots);
  return appraiser.Appraise(simulation.evidence, kind, simulation.collateral,
                            simulation.expectations, simulation.at);
}

Names FailedIn(const Verdict& verdict) {
  Names out;
  for (const Check& check : verdict.checks) {
    if (check.outcome == Outcome::kFail) out.emplace_back(check.name);
  }
  return out;
}

bool Refuses(Appraiser& appraiser, const simulate::Simulation& simulation, View evidence,
             std::string_view kind) {
  const auto verdict = appraiser.Appraise(evidence, kind, simulation.collateral,
                                          simulation.expectations, simulation.at);
  return !verdict || !verdict->trusted;
}

const Check* Find(const Verdict& verdict, std::string_view name) {
  for (const Check& check : verdict.checks) {
    if (check.name == name) return &check;
  }
  return nullptr;
}

}  // namespace assay::contract
