// The request forms of Intel PCS API v4 and AMD 57230 (KDS v1). Every part is checked first: a URL
// is built from untrusted evidence.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "collateral/fetch.h"

namespace assay {
namespace {

constexpr std::size_t kFmspcBytes = 6;
constexpr std::size_t kChipIdBytes = 64;
constexpr std::size_t kTurinChipIdBytes = 8;

tl::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

Result<std::vector<std::string>> IntelUrls(const FetchOptions& options, const IntelNeed& need) {
  const auto fmspc = HexDecode(need.fmspc);
  if (!fmspc || fmspc->size() != kFmspcBytes) {
    return Invalid(fmt::format("FMSPC: expected 12 hexadecimal digits, found \"{}\"", need.fmspc));
  }
  if (need.ca != "processor" && need.ca != "platform") {
    return Invalid(fmt::format("PCK CA: expected processor or platform, found \"{}\"", need.ca));
  }
  const std::string& base = options.intel_url;
  const std::string tee = need.tdx ? "tdx" : "sgx";
  return std::vector<std::string>{
      fmt::format("{}/{}/certification/v4/tcb?fmspc={}", base, tee, HexEncode(*fmspc)),
      fmt::format("{}/{}/certification/v4/qe/identity", base, tee),
      // There is one PCK hierarchy: TDX has no endpoint of its own for its CRL.
      fmt::format("{}/sgx/certification/v4/pckcrl?ca={}&encoding=der", base, need.ca),
      options.intel_root_crl_url,
  };
}

Result<std::vector<std::string>> AmdUrls(const FetchOptions& options, const AmdNeed& need) {
  const bool turin = need.product == "Turin";
  if (!turin && need.product != "Milan" && need.product != "Genoa") {
    return Invalid(
        fmt::format("KDS product: expected Milan, Genoa or Turin, found \"{}\"", need.product));
  }
  const std::string base =
      fmt::format("{}/{}/v1/{}", options.amd_url, need.vlek ? "vlek" : "vcek", need.product);
  std::vector<std::string> urls;
  if (!need.vlek) {
    const std::size_t size = turin ? kTurinChipIdBytes : kChipIdBytes;
    if (need.chip_id.size() != kChipIdBytes && need.chip_id.size() != size) {
      return Invalid(
          fmt::format("CHIP_ID: expected {} bytes, found {}", size, need.chip_id.size()));
    }
    if (IsZero(need.chip_id)) {
      return Invalid("CHIP_ID is zero: the host masks it, so KDS cannot be asked for the VCEK");
    }
    if (turin != need.spls.fmc.has_value())
      return Invalid("the FMC SPL is for Turin, and needed there");
    urls.push_back(fmt::format("{}/{}?{}blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}", base,
                               HexEncode(View(need.chip_id).first(size)),
                               turin ? fmt::format("fmcSPL={:02}&", *need.spls.fmc) : std::string(),
                               need.spls.boot_loader, need.spls.tee, need.spls.snp,
                               need.spls.microcode));
  }
  urls.push_back(base + "/cert_chain");
  urls.push_back(base + "/crl");
  return urls;
}

}  // namespace assay
