#include "collateral/pieces.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

std::vector<std::string> Urls(const Result<std::vector<Piece>>& pieces) {
  std::vector<std::string> out;
  if (!pieces) return {"error: " + pieces.error().message};
  for (const Piece& piece : *pieces) out.push_back(piece.url);
  return out;
}

TEST(Pieces, IntelAsksEveryEndpoint) {
  const auto pieces = IntelPieces({}, {"00906ED50000", "platform", true});
  EXPECT_EQ(Urls(pieces),
            (std::vector<std::string>{
                "https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=00906ed50000",
                "https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity",
                "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform"
                "&encoding=der",
                "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"}));
  EXPECT_EQ(pieces->front().path, "intel/tdx/00906ed50000/tcb_info.json");
}

TEST(Pieces, IntelRefusesWhatIsNoName) {
  EXPECT_FALSE(IntelPieces({}, {"00906ED5000", "platform", false}));
  EXPECT_FALSE(IntelPieces({}, {"00906ED500/.", "platform", false}));
  EXPECT_FALSE(IntelPieces({}, {"00906ED50000", "root&x=1", false}));
}

TEST(Pieces, PccsUrlIsTakenWithAndWithoutThePathOfTheApi) {
  for (const char* url :
       {"https://pccs:8081", "https://pccs:8081/", "https://pccs:8081/sgx/certification/v4/"}) {
    Hosts hosts;
    UsePccs(url, hosts);
    EXPECT_EQ(hosts.intel_url, "https://pccs:8081");
    EXPECT_EQ(hosts.intel_root_crl_url, "https://pccs:8081/sgx/certification/v4/rootcacrl");
  }
}

TEST(Pieces, TurinTakesEightBytesOfTheChipIdAndItsOwnLevels) {
  const AmdNeed need{{"Turin"}, Bytes(64, std::byte{0xcd}), {1, 2, 4, 5, 3}, false, false};
  EXPECT_EQ(Urls(PiecesOf({}, need)),
            (std::vector<std::string>{
                "https://kdsintf.amd.com/vcek/v1/Turin/"
                "cdcdcdcdcdcdcdcd?fmcSPL=03&blSPL=01&teeSPL=02&snpSPL=04&ucodeSPL=05",
                "https://kdsintf.amd.com/vcek/v1/Turin/cert_chain",
                "https://kdsintf.amd.com/vcek/v1/Turin/crl"}));
  AmdNeed milan = need;
  milan.products = {"Milan"};
  EXPECT_FALSE(PiecesOf({}, milan)) << "an FMC level on Milan";
}

TEST(Pieces, MaskedChipIdCannotBeAskedForButAVlekNeedsNone) {
  AmdNeed need{{"Milan"}, Bytes(64), {}, false, false};
  EXPECT_FALSE(PiecesOf({}, need));
  need.vlek = true;
  EXPECT_EQ(Urls(PiecesOf({}, need)),
            (std::vector<std::string>{"https://kdsintf.amd.com/vlek/v1/Milan/cert_chain",
                                      "https://kdsintf.amd.com/vlek/v1/Milan/crl"}));
  need.products = {"../x"};
  EXPECT_FALSE(PiecesOf({}, need));
}

TEST(Pieces, NeedsWithoutEvidenceReadReportedTcbByTheProduct) {
  const Bytes chip(64, std::byte{7});
  const Bytes tcb = {std::byte{4}, std::byte{1}, std::byte{0},  std::byte{0},
                     std::byte{0}, std::byte{0}, std::byte{24}, std::byte{219}};
  EXPECT_EQ(AmdNeedOf("Milan", chip, tcb)->spls, (AmdSpls{4, 1, 24, 219, std::nullopt}));
  EXPECT_EQ(AmdNeedOf("Turin", Bytes(8, std::byte{7}), tcb)->spls, (AmdSpls{1, 0, 0, 219, 4}));
  EXPECT_TRUE(AmdNeedOf("Milan", {}, {})->has_leaf);
  EXPECT_FALSE(AmdNeedOf("Rome", chip, tcb));
  EXPECT_FALSE(AmdNeedOf("Milan", chip, {}));
  EXPECT_FALSE(AmdNeedOf("Milan", Bytes(8), tcb));
}

}  // namespace
}  // namespace assay
