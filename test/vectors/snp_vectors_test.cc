// Real SEV-SNP reports, judged at a time when their certificates were valid.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "tee/snp/certificate_table.h"
#include "tee/snp/scheme.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

fs::path Folder() {
  const char* given = std::getenv("ASSAY_VECTORS");
  const fs::path root =
      given != nullptr ? fs::path(given) : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "vectors";
  return root / "snp";
}

#define SKIP_WITHOUT_SAMPLES()                                                             \
  if (!fs::is_directory(Folder())) {                                                       \
    GTEST_SKIP() << "no samples in " << Folder() << "; set ASSAY_VECTORS to their folder"; \
  }

Bytes ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return ToBytes(AsBytes(text));
}

struct SnpSample {
  std::string name;
  json::Value about;
  Bytes report;
  Collateral collateral;
  Time now{};
};

SnpSample Load(const fs::path& folder) {
  SnpSample out;
  out.name = folder.filename().string();
  out.about = json::Parse(AsText(ReadFile(folder / "about.json"))).value();
  out.report = ReadFile(folder / "report.bin");
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".der") continue;
    out.collateral.certificates.push_back(Certificate::FromDer(ReadFile(entry.path())).value());
  }
  const json::Value* valid = out.about.Find("expected")->Find("cert_valid");
  const Time from = ParseTime(*(*valid->AsArray())[0].AsString()).value();
  out.now = from + std::chrono::hours(24);
  return out;
}

std::vector<SnpSample> AllSamples() {
  std::vector<SnpSample> out;
  for (const auto& entry : fs::directory_iterator(Folder())) {
    if (fs::exists(entry.path() / "report.bin")) out.push_back(Load(entry.path()));
  }
  return out;
}

Expectations Waiving() {
  Expectations out;
  out.allow_missing_crl = true;
  return out;
}

std::vector<std::string> Failures(const Trace& trace) {
  std::vector<std::string> out;
  for (const Check& c : trace.checks()) {
    if (c.outcome == Outcome::kFail) {
      out.push_back(std::string(c.name) + ": expected " + c.expected + ", found " + c.found);
    }
  }
  return out;
}

bool FailsAt(const Trace& trace, std::string_view name) {
  for (const Check& c : trace.checks()) {
    if (c.name == name && c.outcome == Outcome::kFail) return true;
  }
  return false;
}

struct SnpJudge {
  VerifyCache cache;
  Expectations expectations = Waiving();

  Trace Run(View report, const Collateral& collateral, Time now,
            const TrustedRoots& roots = DefaultRoots()) {
    Trace trace;
    const auto parsed = kSnpScheme.parse(report);
    EXPECT_TRUE(parsed.has_value());
    if (parsed) kSnpScheme.check(**parsed, {collateral, roots, expectations, now, cache}, trace);
    return trace;
  }
};

TEST(SnpSamples, GoodOnesAreTrustedAndTheirClaimsAreAsRecorded) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t good = 0;
  for (const SnpSample& sample : AllSamples()) {
    SCOPED_TRACE(sample.name);
    if (*sample.about.Find("kind")->AsString() != "good") continue;
    ++good;
    EXPECT_TRUE(kSnpScheme.recognises(sample.report));
    SnpJudge judge;
    for (int warm = 0; warm < 2; ++warm) {
      const Trace trace = judge.Run(sample.report, sample.collateral, sample.now);
      EXPECT_EQ(Failures(trace), std::vector<std::string>{});
    }
    const auto parsed = kSnpScheme.parse(sample.report).value();
    const json::Value claims = kSnpScheme.claims(
        *parsed, {sample.collateral, DefaultRoots(), judge.expectations, sample.now, judge.cache});
    const json::Value& want = *sample.about.Find("expected");
    for (const char* key : {"measurement", "report_data", "host_data"}) {
      EXPECT_EQ(*claims.Find(key)->AsString(), *want.Find(key)->AsString()) << key;
    }
    EXPECT_EQ(*claims.Find("product")->AsString(), *sample.about.Find("product")->AsString());
    EXPECT_EQ(*claims.Find("vmpl")->AsInt(), *want.Find("vmpl")->AsInt());
    const json::Value& tcb = *want.Find("reported_tcb");
    EXPECT_EQ(*claims.Find("bootloader_svn")->AsInt(), *tcb.Find("bl")->AsInt());
    EXPECT_EQ(*claims.Find("tee_svn")->AsInt(), *tcb.Find("tee")->AsInt());
    EXPECT_EQ(*claims.Find("snpfw_svn")->AsInt(), *tcb.Find("snp")->AsInt());
    EXPECT_EQ(*claims.Find("microcode_svn")->AsInt(), *tcb.Find("ucode")->AsInt());
  }
  EXPECT_GE(good, 11U);
}

TEST(SnpSamples, ADebugGuestIsRefusedForThatAloneUnlessAllowed) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v2-google-milan-DEBUG");
  SnpJudge judge;
  const Trace trace = judge.Run(sample.report, sample.collateral, sample.now);
  EXPECT_TRUE(FailsAt(trace, "report.policy.debug"));
  EXPECT_EQ(Failures(trace).size(), 1U);
  judge.expectations.allow_debug = true;
  EXPECT_FALSE(judge.Run(sample.report, sample.collateral, sample.now).failed());
}

TEST(SnpSamples, AnotherChipsForgedCertificateFailsAtEveryPointInWhichItDiffers) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v2-coco-milan-WRONGVCEK-legacy");
  SnpJudge judge;
  const Trace trace = judge.Run(sample.report, sample.collateral, sample.now);
  for (const char* name :
       {"report.signature", "leaf.hwid", "leaf.tcb.snp", "leaf.tcb.microcode", "chain.leaf"}) {
    EXPECT_TRUE(FailsAt(trace, name)) << name;
  }
  EXPECT_EQ(Failures(trace).size(), 5U);
}

TEST(SnpSamples, HostileCertificatesBesideTheRightOnesDoNotHideThem) {
  SKIP_WITHOUT_SAMPLES();
  const auto samples = AllSamples();
  Collateral all;
  for (const SnpSample& sample : samples) {
    for (const auto& c : sample.collateral.certificates) all.certificates.push_back(c);
  }
  for (const bool reversed : {false, true}) {
    if (reversed) std::reverse(all.certificates.begin(), all.certificates.end());
    for (const SnpSample& sample : samples) {
      if (*sample.about.Find("kind")->AsString() != "good") continue;
      SnpJudge judge;
      EXPECT_EQ(Failures(judge.Run(sample.report, all, sample.now)), std::vector<std::string>{})
          << sample.name;
    }
  }
}

TEST(SnpSamples, AMissingCrlAWrongTimeAnUnknownRootOrAMissingIssuerIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v5-microsoft-turin");
  SnpJudge judge;
  const auto fails = [&](const char* name, Time now, const TrustedRoots& roots = DefaultRoots()) {
    const Trace trace = judge.Run(sample.report, sample.collateral, now, roots);
    EXPECT_TRUE(FailsAt(trace, name)) << name;
  };
  EXPECT_FALSE(judge.Run(sample.report, sample.collateral, sample.now).failed());
  fails("chain.validity.leaf", sample.now - std::chrono::hours(48));
  fails("chain.validity.leaf", sample.now + std::chrono::hours(24 * 366 * 8));
  fails("chain.root_pinned", sample.now, TrustedRoots{});
  judge.expectations.allow_missing_crl = false;
  fails("root_crl.present", sample.now);
  for (std::size_t i = 0; i < sample.collateral.certificates.size(); ++i) {
    Collateral less = sample.collateral;
    less.certificates.erase(less.certificates.begin() + static_cast<std::ptrdiff_t>(i));
    judge.expectations.allow_missing_crl = true;
    EXPECT_TRUE(judge.Run(sample.report, less, sample.now).failed()) << i;
  }
}

TEST(SnpSamples, NoSingleBitOfAGoodReportCanBeChanged) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v5-oak-genoa");
  SnpJudge judge;
  ASSERT_FALSE(judge.Run(sample.report, sample.collateral, sample.now).failed());
  for (std::size_t bit = 0; bit < sample.report.size() * 8; ++bit) {
    Bytes changed = sample.report;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    if (!kSnpScheme.parse(changed)) continue;
    ASSERT_TRUE(judge.Run(changed, sample.collateral, sample.now).failed()) << "bit " << bit;
  }
}

TEST(SnpSamples, NoTruncationOfAGoodReportIsRead) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v2-virtee-milan");
  for (std::size_t size = 0; size < sample.report.size(); ++size) {
    ASSERT_FALSE(kSnpScheme.parse(View(sample.report).first(size)).has_value()) << size;
  }
}

TEST(SnpSamples, TheCertificatesOfARealExtendedReportSuffice) {
  SKIP_WITHOUT_SAMPLES();
  const SnpSample sample = Load(Folder() / "v3-veraison-genoa-certtable");
  const Bytes table = ReadFile(Folder() / sample.name / "auxblob.bin");
  const auto certificates = snp::ParseCertificateTable(table);
  ASSERT_TRUE(certificates.has_value()) << certificates.error().message;
  EXPECT_EQ(certificates->size(), 3U);
  Collateral collateral;
  collateral.certificates = *certificates;
  SnpJudge judge;
  EXPECT_EQ(Failures(judge.Run(sample.report, collateral, sample.now)), std::vector<std::string>{});
}

}  // namespace
}  // namespace assay
