// Every real SGX, TDX and Open Enclave sample gives the verdict that its about.json states.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

#include "appraise/appraise.h"
#include "collateral/load.h"
#include "tee/core/roots.h"
#include "vectors/samples.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

Bytes Evidence(const fs::path& sample) {
  for (const char* name : {"quote.bin", "oe_report.bin", "cert.der", "sample.signing.cert.der"}) {
    if (fs::exists(sample / name)) return samples::Read(sample / name);
  }
  return {};
}

// Inside the window in which collateral and chain are valid; its start where there is one.
Time VerifyAt(const json::Value& expected) {
  if (const json::Value* at = expected.Find("verify_at")) return ParseTime(*at->AsString()).value();
  const json::Value* window = expected.Find("collateral_and_chain_valid_window");
  if (window != nullptr && window->AsArray() != nullptr) {
    return ParseTime(*window->AsArray()->at(0).AsString()).value() + std::chrono::seconds{60};
  }
  return ParseTime("2023-07-20T00:00:00Z").value();
}

Verdict Judge(const fs::path& sample, bool allow_missing_crl) {
  const json::Value about = samples::About(sample);
  Collateral collateral;
  if (fs::exists(sample / "collateral")) {
    collateral = LoadCollateralDir(sample / "collateral", nullptr).value();
  }
  Expectations expectations;
  expectations.allow_missing_crl = allow_missing_crl;
  Appraiser appraiser(DefaultRoots());
  auto verdict = appraiser.Appraise(Evidence(sample), "", collateral, expectations,
                                    VerifyAt(*about.Find("expected")));
  if (verdict) return std::move(*verdict);
  Verdict refused;
  refused.checks.push_back({"parse", Outcome::kFail, "", verdict.error().message, {}, ""});
  return refused;
}

std::vector<std::string> Failed(const Verdict& verdict) {
  std::vector<std::string> out;
  for (const Check& check : verdict.checks) {
    if (check.outcome == Outcome::kFail) out.emplace_back(check.name);
  }
  return out;
}

std::string Explain(const Verdict& verdict) {
  std::string out;
  for (const Check& check : verdict.checks) {
    if (check.outcome != Outcome::kFail) continue;
    out += fmt::format("{}: expected {}, found {}\n", check.name, check.expected, check.found);
  }
  return out;
}

std::string ConvergedStatus(const json::Value& about) {
  const json::Value* status = about.Find("expected")->Find("converged_tcb_status");
  return status == nullptr ? "" : *status->AsString();
}

bool IsDebug(const json::Value& about) {
  for (const char* part : {"expected", "parsed"}) {
    const json::Value* holder = about.Find(part);
    const json::Value* debug = holder == nullptr ? nullptr : holder->Find("debug");
    if (debug != nullptr && debug->AsBool() != nullptr && *debug->AsBool()) return true;
  }
  return false;
}

bool TrustedStatus(const std::string& status) {
  return status == "UpToDate" || status == "SWHardeningNeeded" || status == "ConfigurationNeeded" ||
         status == "ConfigurationAndSWHardeningNeeded";
}

// What about.json leads us to expect of one sample with default policy.
struct Expected {
  bool trusted = false;
  std::string failed_check;  // one that must be among the failed ones
};

std::optional<Expected> ExpectedOf(const fs::path& sample, const json::Value& about) {
  const std::string name = sample.filename();
  // Intel's synthetic samples are under a test root, which production refuses.
  if (name == "v4-intel-qvl-sample-testroot") return Expected{false, "root.pinned"};
  // Certification data of types other than 5 is a named refusal; about.json says the same of the
  // second, and of the first that it verifies only with a PCK certificate given apart.
  if (name == "intel-qvl-sample-testroot" || name == "oasis-eppid-certtype3") {
    return Expected{false, "pck.chain"};
  }
  if (name == "oe-host-report-BAD-chain") return Expected{false, "intermediate.signature"};
  if (name == "oe-ratls-cert-ec-BAD") return Expected{false, "pck.chain"};
  // about.json is wrong: its window (2023) ignores that the TCB signing certificate beside it was
  // borrowed from 2025. SignerOfItsTimeMakesItTrusted shows that nothing else is amiss.
  if (name == "v4-oe-50806F") return Expected{false, "tcb_info.signer"};
  // An empty window: its PCK CRL ended before the TCB info was issued.
  if (name == "mobilecoin-00906ED50000") return Expected{false, "pck_crl.dates"};
  if (name == "maa-signing-certs") return Expected{false, "sgx.debug"};
  const std::string status = ConvergedStatus(about);
  if (status.empty()) return std::nullopt;
  if (status == "NOT_SUPPORTED") return Expected{false, "tcb.level"};
  if (!TrustedStatus(status)) return Expected{false, "tcb.status"};
  if (IsDebug(about)) return Expected{false, "debug"};
  return Expected{true, ""};
}

class DcapSamples : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  }
};

TEST_P(DcapSamples, GiveTheVerdictOfTheirAbout) {
  std::size_t judged = 0;
  for (const fs::path& sample : samples::Folders(GetParam())) {
    SCOPED_TRACE(sample.filename().string());
    if (Evidence(sample).empty()) continue;  // collateral only, or a suite of documents
    const json::Value about = samples::About(sample);
    const auto expected = ExpectedOf(sample, about);
    ASSERT_TRUE(expected.has_value()) << "about.json states no verdict this test understands";
    // Waived only where a revocation list is not in the folder.
    const bool complete = fs::exists(sample / "collateral/pck_crl.der") &&
                          fs::exists(sample / "collateral/root_ca_crl.der");
    const Verdict verdict = Judge(sample, !complete);
    EXPECT_EQ(verdict.trusted, expected->trusted) << Explain(verdict);
    const auto failed = Failed(verdict);
    const bool named = std::any_of(failed.begin(), failed.end(), [&](const std::string& check) {
      return check.find(expected->failed_check) != std::string::npos;
    });
    EXPECT_TRUE(expected->trusted || named) << "expected " << expected->failed_check << " among:\n"
                                            << Explain(verdict);
    ++judged;
  }
  std::printf("judged %zu samples of %s\n", judged, GetParam().c_str());
  EXPECT_GT(judged, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, DcapSamples, testing::Values("sgx", "tdx", "oe"));

TEST(DcapSamplesAlone, SignerOfItsTimeMakesItTrusted) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  const fs::path sample = samples::Root() / "tdx/v4-oe-50806F";
  Collateral collateral = LoadCollateralDir(sample / "collateral", nullptr).value();
  const fs::path signer =
      samples::Root() / "sgx/oasis-00606A000000-2022/collateral/tcb_signing_chain.pem";
  ASSERT_TRUE(AddCollateral(samples::Read(signer), collateral).has_value());
  Appraiser appraiser(DefaultRoots());
  const auto verdict = appraiser.Appraise(samples::Read(sample / "quote.bin"), "", collateral, {},
                                          VerifyAt(*samples::About(sample).Find("expected")));
  ASSERT_TRUE(verdict.has_value());
  EXPECT_TRUE(verdict->trusted) << Explain(*verdict);
}

TEST(DcapSamplesAlone, ReplayTheEventLogToTheQuote) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  const fs::path sample = samples::Root() / "tdx/v4-google-cos113-CCEL-00806F05";
  const Collateral collateral = LoadCollateralDir(sample / "collateral", nullptr).value();
  Appraiser appraiser(DefaultRoots());
  const Time now = VerifyAt(*samples::About(sample).Find("expected"));
  Expectations expectations;
  expectations.event_log = samples::Read(sample / "ccel_data.bin");
  auto good =
      appraiser.Appraise(samples::Read(sample / "quote.bin"), "", collateral, expectations, now);
  ASSERT_TRUE(good.has_value());
  EXPECT_TRUE(good->trusted) << Explain(*good);
  expectations.event_log->at(200) ^= std::byte{1};
  auto bad =
      appraiser.Appraise(samples::Read(sample / "quote.bin"), "", collateral, expectations, now);
  ASSERT_TRUE(bad.has_value());
  EXPECT_FALSE(bad->trusted);
}

// Every bit of header, body, signatures, key, QE report and certification data.
TEST(DcapSamplesAlone, RefuseEveryBitFlip) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  std::size_t refused = 0;
  for (const char* name : {"sgx/automata-00606A000000-2025", "tdx/v5-google-sample-90C06F"}) {
    const fs::path sample = samples::Root() / name;
    const Collateral collateral = LoadCollateralDir(sample / "collateral", nullptr).value();
    const Time now = VerifyAt(*samples::About(sample).Find("expected"));
    const Bytes good = samples::Read(sample / "quote.bin");
    Appraiser appraiser(DefaultRoots());
    ASSERT_TRUE(appraiser.Appraise(good, "", collateral, {}, now)->trusted);
    const std::size_t signed_end = AsText(good).find("-----BEGIN");
    for (std::size_t bit = 0; bit < signed_end * 8; ++bit) {
      Bytes flipped = good;
      flipped[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto verdict = appraiser.Appraise(flipped, "", collateral, {}, now);
      ASSERT_FALSE(verdict && verdict->trusted) << name << " bit " << bit;
      ++refused;
    }
  }
  std::printf("refused %zu bit flips\n", refused);
}

TEST(DcapSamplesAlone, RefuseEveryTruncation) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  const fs::path sample = samples::Root() / "sgx/automata-00606A000000-2025";
  const Collateral collateral = LoadCollateralDir(sample / "collateral", nullptr).value();
  const Time now = VerifyAt(*samples::About(sample).Find("expected"));
  const Bytes good = samples::Read(sample / "quote.bin");
  Appraiser appraiser(DefaultRoots());
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto verdict = appraiser.Appraise(View(good).first(size), "", collateral, {}, now);
    ASSERT_FALSE(verdict && verdict->trusted) << size;
  }
}

}  // namespace
}  // namespace assay
