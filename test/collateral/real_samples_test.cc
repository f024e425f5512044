// What real evidence needs, and real collateral fetched by need.
#include <algorithm>

#include "../vectors/samples.h"
#include "collateral/by_need.h"
#include "crypto/signing_key.h"
#include "tee/core/roots.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

CollateralNeeds NeedsOf(const fs::path& evidence) {
  Appraiser appraiser(DefaultRoots());
  return appraiser.NeedsOf(samples::Read(evidence), "").value_or(CollateralNeeds{});
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

TEST(RealSamples, QuotesNeedTheCollateralOfThePlatformThatTheirSourceNames) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  int seen = 0;
  for (const char* tee : {"sgx", "tdx"}) {
    for (const fs::path& folder : samples::Folders(tee)) {
      const CollateralNeeds needs = NeedsOf(folder / "quote.bin");
      const auto* intel = std::get_if<IntelNeed>(&needs);
      if (intel == nullptr) continue;  // other certification data, or Intel's own test root
      const std::string about = Lower(std::string(AsText(samples::Read(folder / "about.json"))));
      if (about.find("\"fmspc\"") == std::string::npos) continue;
      EXPECT_NE(about.find(intel->fmspc), std::string::npos) << folder;
      EXPECT_EQ(intel->tdx, tee == std::string_view("tdx")) << folder;
      ++seen;
    }
  }
  EXPECT_GE(seen, 15);
}

TEST(RealSamples, ReportsNeedTheProductThatTheirSourceNames) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  int seen = 0;
  for (const fs::path& folder : samples::Folders("snp")) {
    if (!fs::exists(folder / "report.bin")) continue;
    const CollateralNeeds needs = NeedsOf(folder / "report.bin");
    const auto* amd = std::get_if<AmdNeed>(&needs);
    ASSERT_NE(amd, nullptr) << folder;
    const json::Value about = samples::About(folder);
    const std::string product = about.String("product", "product").value();
    const bool named = std::count(amd->products.begin(), amd->products.end(), product) == 1;
    EXPECT_TRUE(named) << folder;
    const bool v2 = folder.filename().string().starts_with("v2-");
    EXPECT_EQ(amd->products.size(), v2 ? 2U : 1U) << folder;
    EXPECT_EQ(amd->vlek, folder.filename().string().find("vlek") != std::string::npos) << folder;
    ++seen;
  }
  EXPECT_GE(seen, 12);
}

// Serves a sample's certificates as KDS does, under the product's name.
void ServeKds(StandIn& host, const fs::path& folder, const AmdNeed& need,
              const std::string& product) {
  const std::vector<Piece> pieces = AmdPieces(HostsAt(""), need, product).value();
  for (const Piece& piece : pieces) {
    if (piece.kind == CollateralPiece::kAmdLeaf) {
      host.Serve(piece.url, samples::Read(folder / "vcek.der"));
    } else if (piece.kind == CollateralPiece::kAmdChain) {
      std::string pem;
      for (const char* name : {"ask.der", "ark.der"}) {
        pem += CertificateToPem(*Certificate::FromDer(samples::Read(folder / name)).value());
      }
      host.Serve(piece.url, ToBytes(AsBytes(pem)));
    }
  }
}

TEST(RealSamples, GenoaReportOfVersionTwoIsLookedForAsMilanFirstAndThenVerified) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  const fs::path sample = samples::Root() / "snp/v2-oak-genoa-hist";
  const CollateralNeeds needs = NeedsOf(sample / "report.bin");
  StandIn host{simulate::Simulation{}};
  ServeKds(host, sample, std::get<AmdNeed>(needs), "Genoa");
  Folder folder;
  Station station(folder.path(), HostsAt(host.url()), DefaultRoots(), true);
  Appraiser appraiser(DefaultRoots());
  Expectations expectations;
  expectations.allow_missing_crl = true;  // the sample has none
  const Verdict verdict = appraiser
                              .Appraise(samples::Read(sample / "report.bin"), "", station.source,
                                        expectations, ParseTime("2025-06-20T00:00:00Z").value())
                              .value();
  EXPECT_TRUE(verdict.trusted) << Failures(verdict);
  EXPECT_EQ(host.count("/vcek/v1/Milan/"), 1U);
  EXPECT_EQ(host.count("/vcek/v1/Genoa/"), 3U);
  const auto crl =
      std::find_if(verdict.checks.begin(), verdict.checks.end(),
                   [](const Check& check) { return check.name == "root_crl.present"; });
  ASSERT_NE(crl, verdict.checks.end());
  EXPECT_EQ(crl->found, "none in the collateral; GET " + host.url() +
                            "/vcek/v1/Genoa/crl: expected status 200, found 404");
}

}  // namespace
}  // namespace assay::testing
