// Intel's documents as real and as broken as they come: the parser suites, and collateral of one
// sample put in the place of another's.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "appraise/appraise.h"
#include "base/encoding.h"
#include "collateral/load.h"
#include "tee/core/roots.h"
#include "tee/dcap/signed_document.h"
#include "vectors/samples.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

TEST(DocumentSuites, AreAcceptedAndRefusedAsTheirAboutStates) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  std::size_t judged = 0;
  for (const char* suite : {"json-suite-qeidentity-v1-schema", "json-suite-tcbinfo-v1-schema",
                            "json-suite-tcbinfo-v2-schema"}) {
    const fs::path folder = samples::Root() / "oe" / suite;
    const json::Value about = samples::About(folder);
    for (const auto& [file, expected] : *about.Find("expected")->AsObject()) {
      JsonDocument document;
      document.text = AsText(samples::Read(folder / file));
      const auto parsed = dcap::ParseSignedDocument(document);
      EXPECT_EQ(parsed.has_value(), *expected.AsString() == "parse ok")
          << suite << "/" << file << (parsed ? "" : ": " + parsed.error().message);
      ++judged;
    }
  }
  std::printf("judged %zu documents\n", judged);
}

struct DcapSample {
  fs::path folder;
  Time at{};
};

std::vector<DcapSample> GoodSamples() {
  std::vector<DcapSample> out;
  for (const char* tee : {"sgx", "tdx"}) {
    for (const fs::path& folder : samples::Folders(tee)) {
      if (!fs::exists(folder / "collateral/pck_crl.der") || !fs::exists(folder / "quote.bin"))
        continue;
      const json::Value about = samples::About(folder);
      const json::Value* window = about.Find("expected")->Find("collateral_and_chain_valid_window");
      if (window == nullptr || window->AsArray() == nullptr) continue;
      out.push_back({folder, ParseTime(*window->AsArray()->at(0).AsString()).value() +
                                 std::chrono::hours{1}});
    }
  }
  return out;
}

Collateral LoadWith(const fs::path& folder, const std::string& replaced, const fs::path& donor) {
  Collateral out;
  for (const auto& entry : fs::directory_iterator(folder / "collateral")) {
    const bool swap = entry.path().filename() == replaced;
    (void)AddCollateral(samples::Read(swap ? donor / "collateral" / replaced : entry.path()), out);
  }
  return out;
}

bool Trusts(const DcapSample& sample, const Collateral& collateral, Time at) {
  Appraiser appraiser(DefaultRoots());
  const auto verdict =
      appraiser.Appraise(samples::Read(sample.folder / "quote.bin"), "", collateral, {}, at);
  return verdict && verdict->trusted;
}

// TCB info speaks for one kind of platform at one time. A stranger's is refused, unless it is for
// the same kind of platform, TEE and time: then it is no stranger's.
TEST(SwappedCollateral, IsRefusedUnlessItSpeaksForThePlatform) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  std::size_t refused = 0;
  std::size_t interchangeable = 0;
  const std::vector<DcapSample> all = GoodSamples();
  for (const DcapSample& sample : all) {
    if (!Trusts(sample, LoadWith(sample.folder, "", {}), sample.at)) continue;
    const auto fmspc = [](const fs::path& folder) {
      JsonDocument document;
      document.text = AsText(samples::Read(folder / "collateral/tcb_info.json"));
      const auto parsed = dcap::ParseSignedDocument(document);
      return parsed ? parsed->tcb_info->id + HexEncode(parsed->tcb_info->fmspc) : std::string();
    };
    for (const DcapSample& donor : all) {
      for (const char* file :
           {"tcb_info.json", "qe_identity.json", "pck_crl.der", "root_ca_crl.der"}) {
        const bool trusted = Trusts(sample, LoadWith(sample.folder, file, donor.folder), sample.at);
        if (!trusted) {
          ++refused;
          continue;
        }
        ++interchangeable;
        if (std::string_view(file) == "tcb_info.json") {
          EXPECT_EQ(fmspc(sample.folder), fmspc(donor.folder))
              << sample.folder << " with the TCB info of " << donor.folder;
        }
      }
    }
  }
  std::printf("swapped collateral: %zu refused, %zu equally valid\n", refused, interchangeable);
  EXPECT_GT(refused, 0U);
}

TEST(SwappedCollateral, NoPieceCanBeLeftOut) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  for (const DcapSample& sample : GoodSamples()) {
    if (!Trusts(sample, LoadWith(sample.folder, "", {}), sample.at)) continue;
    for (const char* file :
         {"tcb_info.json", "qe_identity.json", "pck_crl.der", "root_ca_crl.der"}) {
      Collateral rest;
      for (const auto& entry : fs::directory_iterator(sample.folder / "collateral")) {
        if (entry.path().filename() != file) (void)AddCollateral(samples::Read(entry.path()), rest);
      }
      EXPECT_FALSE(Trusts(sample, rest, sample.at)) << sample.folder << " without " << file;
    }
  }
}

// The window of about.json is that of the collateral: inside it trusted, one second past either
// edge not.
TEST(ValidityWindow, EndsToTheSecond) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  std::size_t edges = 0;
  for (const DcapSample& sample : GoodSamples()) {
    const Collateral collateral = LoadWith(sample.folder, "", {});
    if (!Trusts(sample, collateral, sample.at)) continue;
    const json::Value about = samples::About(sample.folder);
    const json::Array& window =
        *about.Find("expected")->Find("collateral_and_chain_valid_window")->AsArray();
    const Time first = ParseTime(*window.at(0).AsString()).value();
    const Time last = ParseTime(*window.at(1).AsString()).value();
    EXPECT_TRUE(Trusts(sample, collateral, first)) << sample.folder;
    EXPECT_FALSE(Trusts(sample, collateral, first - std::chrono::seconds{1})) << sample.folder;
    EXPECT_TRUE(Trusts(sample, collateral, last)) << sample.folder;
    EXPECT_FALSE(Trusts(sample, collateral, last + std::chrono::seconds{1})) << sample.folder;
    edges += 4;
  }
  std::printf("%zu edges of validity windows judged\n", edges);
}

}  // namespace
}  // namespace assay
