// The first and the last second at which each good sample is trusted, computed from its collateral
// and compared with what its about.json states.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

#include "adversary/good_samples.h"

namespace assay::adversary {
namespace {

constexpr std::chrono::seconds kSecond{1};

struct Part {
  std::string name;
  Time from{}, to{};
};

std::vector<Part> PartsOf(const GoodSample& sample) {
  std::vector<Part> out;
  const auto add = [&](const CertificatePtr& c) {
    out.push_back({c->subject_cn(), c->not_before(), c->not_after()});
  };
  for (const CertificatePtr& c : sample.collateral.certificates) add(c);
  for (const CrlPtr& c : sample.collateral.crls) {
    out.push_back({"CRL of " + c->issuer_cn(), c->this_update(), c->next_update()});
  }
  if (sample.name.starts_with("snp/")) return out;
  const dcap::Endorsements used = EndorsementsOf(sample, sample.collateral);
  for (const auto& c : {used.chain->leaf, used.chain->intermediate, used.chain->root}) add(c);
  const dcap::TcbInfo& info = *used.tcb_info->tcb_info;
  const dcap::QeIdentity& identity = *used.qe_identity->qe_identity;
  out.push_back({"TCB info", info.issue_date, info.next_update});
  out.push_back({"QE identity", identity.issue_date, identity.next_update});
  return out;
}

Part Intersection(const std::vector<Part>& parts) {
  Part out{"all", parts.front().from, parts.front().to};
  for (const Part& part : parts) {
    out.from = std::max(out.from, part.from);
    out.to = std::min(out.to, part.to);
  }
  return out;
}

// What about.json states: for SNP the leaf's validity, for DCAP the window of all collateral.
std::optional<Part> Stated(const GoodSample& sample) {
  const json::Value& expected = *sample.about.Find("expected");
  for (const char* key : {"collateral_and_chain_valid_window", "cert_valid"}) {
    const json::Value* window = expected.Find(key);
    if (window == nullptr || window->AsArray() == nullptr) continue;
    return Part{key, ParseTime(*window->AsArray()->at(0).AsString()).value(),
                ParseTime(*window->AsArray()->at(1).AsString()).value()};
  }
  return std::nullopt;
}

class Windows : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
    all_ = GoodDcapSamples();
    for (GoodSample& sample : GoodSnpSamples()) all_.push_back(std::move(sample));
  }

  bool TrustedAt(Appraiser& appraiser, const GoodSample& sample, Time now) const {
    GoodSample then = sample;
    then.at = now;
    return Trusts(appraiser, then, then.evidence, then.collateral);
  }

  std::vector<GoodSample> all_;
};

TEST_F(Windows, OneSecondPastEachEdgeOfEachPartIsRefused) {
  Tally tally;
  std::size_t trusted_edges = 0;
  for (const GoodSample& sample : all_) {
    const std::vector<Part> parts = PartsOf(sample);
    const Part window = Intersection(parts);
    Appraiser appraiser(sample.roots);
    EXPECT_TRUE(TrustedAt(appraiser, sample, window.from)) << sample.name;
    EXPECT_TRUE(TrustedAt(appraiser, sample, window.to)) << sample.name;
    trusted_edges += 2;
    for (const Part& part : parts) {
      for (const Time past : {part.from - kSecond, part.to + kSecond}) {
        tally.Add("one second past an edge", FateOf(TrustedAt(appraiser, sample, past)), [&] {
          return fmt::format("{}, {} at {}", sample.name, part.name, FormatTime(past));
        });
      }
    }
  }
  tally.Report("validity windows");
  fmt::print("validity windows: {} edges themselves trusted\n", trusted_edges);
}

TEST_F(Windows, AreAsTheirAboutStates) {
  std::size_t agreed = 0;
  for (const GoodSample& sample : all_) {
    const auto stated = Stated(sample);
    if (!stated) {
      fmt::print("no window stated: {}\n", sample.name);
      continue;
    }
    const Part window = Intersection(PartsOf(sample));
    const bool same = window.from == stated->from && window.to == stated->to;
    EXPECT_TRUE(same) << sample.name << ": " << FormatTime(window.from) << " to "
                      << FormatTime(window.to) << ", stated " << FormatTime(stated->from) << " to "
                      << FormatTime(stated->to);
    agreed += same ? 1 : 0;
  }
  fmt::print("validity windows: {} as stated by about.json\n", agreed);
  EXPECT_GE(agreed, 27U);
}

}  // namespace
}  // namespace assay::adversary
