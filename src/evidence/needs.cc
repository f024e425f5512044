#include "evidence/needs.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay {
namespace {

std::string Key(std::monostate) { return {}; }

std::string Key(const IntelNeed& need) {
  return (need.tdx ? "intel/tdx/" : "intel/sgx/") + need.fmspc + "/" + need.ca;
}

std::string Key(const AmdNeed& need) {
  std::string out = need.vlek ? "amd/vlek" : "amd/vcek";
  for (const std::string& product : need.products) out += "/" + product;
  if (need.vlek || need.has_leaf) return out;
  return out + "/" + HexEncode(need.chip_id) + "/" + SplsText(need.spls);
}

}  // namespace

std::string KeyOf(const CollateralNeeds& needs) {
  return std::visit([](const auto& need) { return Key(need); }, needs);
}

std::string SplsText(const AmdSpls& spls) {
  const std::string fmc = spls.fmc ? fmt::format("fmc{:02}-", *spls.fmc) : std::string();
  return fmt::format("{}bl{:02}-tee{:02}-snp{:02}-ucode{:02}", fmc, spls.boot_loader, spls.tee,
                     spls.snp, spls.microcode);
}

}  // namespace assay
