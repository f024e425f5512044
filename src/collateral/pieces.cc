#include "collateral/pieces.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/snp/tcb.h"

namespace assay {
namespace {

constexpr std::size_t kFmspcBytes = 6;
constexpr std::size_t kChipIdBytes = 64;
constexpr std::size_t kTurinChipIdBytes = 8;

tl::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsProduct(std::string_view name) {
  return name == "Milan" || name == "Genoa" || name == "Turin";
}

// "fmcSPL=03&blSPL=01&…", two digits each as AMD 57230 shows them.
std::string SplsQuery(const AmdSpls& spls) {
  return fmt::format("{}blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
                     spls.fmc ? fmt::format("fmcSPL={:02}&", *spls.fmc) : std::string(),
                     spls.boot_loader, spls.tee, spls.snp, spls.microcode);
}

Result<Piece> LeafPiece(const Hosts& hosts, const AmdNeed& need, const std::string& product) {
  const bool turin = product == "Turin";
  const std::size_t size = turin ? kTurinChipIdBytes : kChipIdBytes;
  if (need.chip_id.size() != kChipIdBytes && need.chip_id.size() != size) {
    return Invalid(fmt::format("CHIP_ID: expected {} bytes, found {}", size, need.chip_id.size()));
  }
  if (IsZero(need.chip_id)) {
    return Invalid("CHIP_ID is zero: the host masks it, so KDS cannot be asked for the VCEK");
  }
  if (turin != need.spls.fmc.has_value()) {
    return Invalid("the FMC SPL is for Turin, and needed there");
  }
  const std::string chip = HexEncode(View(need.chip_id).first(size));
  return Piece{
      CollateralPiece::kAmdLeaf,
      fmt::format("amd/{}/{}/{}.der", product, chip, SplsText(need.spls)),
      fmt::format("{}/vcek/v1/{}/{}?{}", hosts.amd_url, product, chip, SplsQuery(need.spls)), need,
      product};
}

Result<std::vector<Piece>> Pieces(const Hosts&, std::monostate) {
  return Invalid("the evidence does not say whose collateral it needs");
}

Result<std::vector<Piece>> Pieces(const Hosts& hosts, const IntelNeed& need) {
  return IntelPieces(hosts, need);
}

Result<std::vector<Piece>> Pieces(const Hosts& hosts, const AmdNeed& need) {
  std::vector<Piece> out;
  for (const std::string& product : need.products) {
    for (Piece& piece : TRY(AmdPieces(hosts, need, product))) out.push_back(std::move(piece));
  }
  return out;
}

}  // namespace

void UsePccs(std::string url, Hosts& hosts) {
  while (url.ends_with('/')) url.pop_back();
  constexpr std::string_view kApi = "/sgx/certification/v4";
  if (url.ends_with(kApi)) url.resize(url.size() - kApi.size());
  hosts.intel_url = url;
  hosts.intel_root_crl_url = url + "/sgx/certification/v4/rootcacrl";
}

Result<std::vector<Piece>> IntelPieces(const Hosts& hosts, const IntelNeed& need) {
  const auto fmspc = HexDecode(need.fmspc);
  if (!fmspc || fmspc->size() != kFmspcBytes) {
    return Invalid(fmt::format("FMSPC: expected 12 hexadecimal digits, found \"{}\"", need.fmspc));
  }
  if (need.ca != "processor" && need.ca != "platform") {
    return Invalid(fmt::format("PCK CA: expected processor or platform, found \"{}\"", need.ca));
  }
  const std::string tee = need.tdx ? "tdx" : "sgx";
  const std::string hex = HexEncode(*fmspc);
  const std::string base = fmt::format("{}/{}/certification/v4", hosts.intel_url, tee);
  return std::vector<Piece>{
      {CollateralPiece::kTcbInfo, fmt::format("intel/{}/{}/tcb_info.json", tee, hex),
       fmt::format("{}/tcb?fmspc={}", base, hex), need},
      {CollateralPiece::kQeIdentity, fmt::format("intel/{}/qe_identity.json", tee),
       base + "/qe/identity", need},
      // There is one PCK hierarchy: TDX has no endpoint of its own for its CRL.
      {CollateralPiece::kPckCrl, fmt::format("intel/pck_crl_{}.der", need.ca),
       fmt::format("{}/sgx/certification/v4/pckcrl?ca={}&encoding=der", hosts.intel_url, need.ca),
       need},
      {CollateralPiece::kRootCrl, "intel/root_crl.der", hosts.intel_root_crl_url, need},
  };
}

Result<std::vector<Piece>> AmdPieces(const Hosts& hosts, const AmdNeed& need,
                                     const std::string& product) {
  if (!IsProduct(product)) {
    return Invalid(
        fmt::format("KDS product: expected Milan, Genoa or Turin, found \"{}\"", product));
  }
  std::vector<Piece> out;
  if (!need.vlek && !need.has_leaf) out.push_back(TRY(LeafPiece(hosts, need, product)));
  const std::string base =
      fmt::format("{}/{}/v1/{}", hosts.amd_url, need.vlek ? "vlek" : "vcek", product);
  const std::string folder = fmt::format("amd/{}/{}", product, need.vlek ? "vlek_" : "");
  out.push_back(
      {CollateralPiece::kAmdChain, folder + "cert_chain.pem", base + "/cert_chain", need, product});
  out.push_back({CollateralPiece::kAmdCrl, folder + "crl.der", base + "/crl", need, product});
  return out;
}

Result<AmdNeed> AmdNeedOf(const std::string& product, View chip_id, View reported_tcb) {
  const auto known = snp::ProductFromName(product);
  if (!known) {
    return Invalid(fmt::format("product: expected Milan, Genoa or Turin, found \"{}\"", product));
  }
  AmdNeed need;
  need.products = {std::string(snp::ProductName(*known))};
  need.has_leaf = chip_id.empty() && reported_tcb.empty();
  if (need.has_leaf) return need;
  snp::TcbVersion tcb{};
  if (reported_tcb.size() != tcb.size()) {
    return Invalid(fmt::format("REPORTED_TCB: expected 8 bytes, found {}", reported_tcb.size()));
  }
  std::copy(reported_tcb.begin(), reported_tcb.end(), tcb.begin());
  const snp::TcbParts parts = snp::DecodeTcb(tcb, *known);
  need.chip_id = ToBytes(chip_id);
  need.spls = {parts.bootloader, parts.tee, parts.snp, parts.microcode, parts.fmc};
  TRY_VOID(LeafPiece({}, need, need.products.front()).map([](const Piece&) {}));
  return need;
}

Result<std::vector<Piece>> PiecesOf(const Hosts& hosts, const CollateralNeeds& needs) {
  return std::visit([&](const auto& need) { return Pieces(hosts, need); }, needs);
}

}  // namespace assay
