// The cost of an appraisal against the one signature verification that it cannot avoid.
//
// assay_bench [OUTPUT.json]: on one thread; exits with 1 if a ratio exceeds its limit. Real samples
// come from ASSAY_VECTORS or ../shared/vectors.
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "appraise/appraise.h"
#include "collateral/deposit.h"
#include "collateral/load.h"
#include "collateral/store_source.h"
#include "floors.h"
#include "keys.h"
#include "policy.h"
#include "release.h"
#include "rounds.h"
#include "tee/core/roots.h"
#include "tpm.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;

fs::path Samples() {
  const char* given = std::getenv("ASSAY_VECTORS");
  return given != nullptr ? fs::path(given) : fs::path(ASSAY_SOURCE_DIR) / "../shared/vectors";
}

Bytes Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return ToBytes(AsBytes(text));
}

// Evidence with all that is needed to trust it.
struct Sample {
  Bytes evidence;
  Collateral collateral;
  Expectations expectations;
  Time now{};
};

Sample Load(const char* evidence, const char* collateral, const char* now) {
  return {Read(Samples() / evidence),
          LoadCollateralDir(Samples() / collateral, nullptr).value(),
          {},
          ParseTime(now).value()};
}

void Appraise(Appraiser& appraiser, const Sample& sample) {
  const auto verdict =
      appraiser.Appraise(sample.evidence, "", sample.collateral, sample.expectations, sample.now);
  if (verdict && verdict->trusted) return;
  fmt::print(stderr, "bench: a sample is not trusted\n");
  std::exit(2);
}

Measured Warm(const char* name, const Sample& sample, const std::function<void()>& floor,
              double limit, int calls) {
  Appraiser appraiser(DefaultRoots());
  const auto work = [&] { Appraise(appraiser, sample); };
  return Measure({name, floor, {}, work, limit, 151, calls});
}

// The same by need: what the evidence needs is found out and gathered from a store each time. Its
// collateral is at hand in memory, as for all but the first request. Without a limit of its own.
Measured WarmByNeed(const char* name, const char* collateral, const Sample& sample,
                    const std::function<void()>& floor, int calls) {
  std::string folder = (fs::temp_directory_path() / "assay-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::exit(2);
  CollateralStore store(folder);
  CrlDer ders;
  const Collateral loaded = LoadCollateralDir(Samples() / collateral, nullptr, &ders).value();
  (void)Deposit(loaded, ders, sample.now, store).value();
  StoreSource source({}, store, nullptr);
  Appraiser appraiser(DefaultRoots());
  const auto work = [&] {
    const auto verdict =
        appraiser.Appraise(sample.evidence, "", source, sample.expectations, sample.now);
    if (verdict && verdict->trusted) return;
    fmt::print(stderr, "bench: a sample is not trusted by need\n");
    std::exit(2);
  };
  const Measured out = Measure({name, floor, {}, work, 0, 151, calls});
  fs::remove_all(folder);
  return out;
}

// Another machine of the same CA and model has been here before, so that all but its own
// certificate, quoting enclave and attestation key are known.
Measured NewPlatform(const Sample& sample, View other, const std::function<void()>& floor) {
  std::optional<Appraiser> appraiser;
  const auto prepare = [&] {
    appraiser.emplace(DefaultRoots());
    // Its verdict (an old TCB level) does not matter: what it has in common is now known.
    (void)appraiser->Appraise(other, "", sample.collateral, sample.expectations, sample.now);
  };
  const auto work = [&] { Appraise(*appraiser, sample); };
  return Measure({"sgx_new_platform", floor, prepare, work, 6, 101, 5});
}

std::vector<Measured> MeasureAll() {
  const auto p256 = EcdsaVerification("P-256");
  const auto p384 = EcdsaVerification("P-384");
  std::vector<Measured> out;
  for (const auto& [name, floor] : {std::pair{"ecdsa_p256_verify", p256},
                                    {"ecdsa_p384_verify", p384},
                                    {"rsa2048_rs256_sign", Rs256Signing()}}) {
    const double value = MedianOf(floor, 51, 20);
    out.push_back({name, value, value, 1, 0});
  }
  const Sample sgx = Load("sgx/automata-00606A000000-2025/quote.bin",
                          "sgx/automata-00606A000000-2025/collateral", "2025-06-20T00:00:00Z");
  const Sample tdx = Load("tdx/v5-google-sample-90C06F/quote.bin",
                          "tdx/v5-google-sample-90C06F/collateral", "2026-02-03T01:00:00Z");
  Sample snp =
      Load("snp/v3-microsoft-milan/report.bin", "snp/v3-microsoft-milan", "2026-06-01T00:00:00Z");
  snp.expectations.allow_missing_crl = true;  // the sample has none
  out.push_back(Warm("sgx_warm", sgx, p256, 1.5, 20));
  out.push_back(
      WarmByNeed("sgx_by_need", "sgx/automata-00606A000000-2025/collateral", sgx, p256, 20));
  out.push_back(NewPlatform(sgx, Read(Samples() / "sgx/oasis-00606A000000-2022/quote.bin"), p256));
  out.push_back(Warm("tdx_warm", tdx, p256, 1.5, 20));
  out.push_back(Warm("snp_warm", snp, p384, 1.15, 5));
  for (Measured& one : MeasurePolicies(p256)) out.push_back(std::move(one));
  for (Measured& one : MeasureTpm(p256)) out.push_back(std::move(one));
  for (Measured& one : MeasureRelease()) out.push_back(std::move(one));
  for (Measured& one : MeasureKeys()) out.push_back(std::move(one));
  return out;
}

int Run(const std::string& output) {
  std::vector<Measured> results;
  if (fs::exists(Samples() / "index.json")) {
    results = MeasureAll();
    PrintTable(results);
  } else {
    fmt::print("bench: no samples at {}: nothing is measured\n", Samples().string());
  }
  if (!WriteJson(results, output)) {
    fmt::print(stderr, "bench: cannot write {}\n", output);
    return 2;
  }
  for (const Measured& one : results) {
    if (one.Exceeded()) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  return assay::bench::Run(argc > 1 ? argv[1] : "build/bench.json");
}
