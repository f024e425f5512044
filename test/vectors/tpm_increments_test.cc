// A machine that was judged before sends what is new: the same verdict, for less.
#include <gtest/gtest.h>

#include "tee/core/verify_cache.h"
#include "tee/tcg/replay.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/scheme.h"
#include "vectors/tpm_samples.h"

namespace assay {
namespace {

using samples::Boot;
using samples::TrustedLaunch;

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

struct Judged {
  std::string failures;
  Claims claims;
};

Judged Judge(const std::string& evidence, const Expectations& expectations, VerifyCache& cache) {
  const auto parsed = kTpmScheme.parse(AsBytes(evidence));
  if (!parsed) return {"parse: " + parsed.error().message, {}};
  const TrustedRoots roots;
  const Collateral collateral;
  const VerifyInput input{collateral, roots, expectations, Time{}, cache};
  Trace trace;
  kTpmScheme.check(**parsed, input, trace);
  Judged out;
  for (const Check& check : trace.checks()) {
    if (check.outcome == Outcome::kFail) {
      out.failures += (out.failures.empty() ? "" : " ") + std::string(check.name);
    }
  }
  if (out.failures.empty()) out.claims = kTpmScheme.claims(**parsed, input);
  return out;
}

Expectations Expected(const Boot& boot) {
  Expectations out;
  out.enrolled_aks = {boot.ak_name};
  out.report_data = boot.nonce;
  return out;
}

const json::Value& Claim(const Claims& claims, std::string_view name) {
  for (const auto& [key, value] : claims) {
    if (key == name) return value;
  }
  throw std::out_of_range(std::string(name));
}

// What the first verdict established, for the second.
Expectations Known(const Boot& first, const Boot& second) {
  VerifyCache cache;
  const Judged judged = Judge(first.Json(), Expected(first), cache);
  EXPECT_EQ(judged.failures, "");
  Expectations out = Expected(second);
  out.known_event_log = std::make_shared<const Bytes>(first.event_log);
  const json::Value pcrs = Claim(judged.claims, "pcrs");
  out.known_ima =
      KnownImaList{static_cast<std::uint64_t>(*Claim(judged.claims, "ima_entries_quoted").AsInt()),
                   "sha256", HexDecode(*pcrs.Find("10")->AsString()).value()};
  return out;
}

// The second boot's evidence without its log and without the first `from` entries.
std::string WhatIsNew(Boot boot, std::uint64_t from) {
  const std::string digest = HexEncode(Sha256(boot.event_log));
  const auto entries = tpm::ParseImaLog(boot.ima_log).value();
  std::size_t begin = boot.ima_log.size();
  if (from < entries.size()) {
    begin =
        static_cast<std::size_t>(entries[from].template_digest.data() - boot.ima_log.data()) - 4;
  }
  boot.ima_log.erase(boot.ima_log.begin(),
                     boot.ima_log.begin() + static_cast<std::ptrdiff_t>(begin));
  json::Object document = *json::Parse(boot.Json())->AsObject();
  std::erase_if(document, [](const json::Member& member) { return member.first == "event_log"; });
  document.emplace_back("event_log_sha256", digest);
  document.emplace_back("ima_from", from);
  return json::Write(document);
}

class Increments : public testing::TestWithParam<const char*> {};

TEST_P(Increments, AreJudgedAsTheWholeIs) {
  SKIP_WITHOUT_SAMPLES();
  const Boot first = TrustedLaunch(GetParam());
  const Boot second = TrustedLaunch(std::string(GetParam()) + "/second");
  const Expectations known = Known(first, second);
  VerifyCache cache;
  const Judged whole = Judge(second.Json(), Expected(second), cache);
  const Judged rest = Judge(WhatIsNew(second, known.known_ima->entries), known, cache);
  EXPECT_EQ(whole.failures, "");
  EXPECT_EQ(rest.failures, "");
  for (const char* name : {"pcrs", "secure_boot_db", "boot_texts", "ima_entries_quoted"}) {
    EXPECT_EQ(json::Write(Claim(rest.claims, name)), json::Write(Claim(whole.claims, name)))
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, Increments, testing::Values("good-two-quotes", "runtime-tamper"));

TEST(Increments, NeedTheVerdictThatTheyContinue) {
  SKIP_WITHOUT_SAMPLES();
  const Boot first = TrustedLaunch("runtime-tamper");
  const Boot second = TrustedLaunch("runtime-tamper/second");
  const Expectations known = Known(first, second);
  const std::string rest = WhatIsNew(second, known.known_ima->entries);
  VerifyCache cache;
  Expectations without_log = known;
  without_log.known_event_log = nullptr;
  EXPECT_EQ(Judge(rest, without_log, cache).failures, "event_log.present");
  Expectations other_log = known;
  other_log.known_event_log = std::make_shared<const Bytes>(TrustedLaunch("uki-good").event_log);
  EXPECT_EQ(Judge(rest, other_log, cache).failures, "event_log.present");
  EXPECT_EQ(Judge(rest, known, cache).failures, "");
  Expectations without_list = known;
  without_list.known_ima.reset();
  EXPECT_EQ(Judge(rest, without_list, cache).failures, "ima.known");
  Expectations other_count = known;
  --other_count.known_ima->entries;
  EXPECT_EQ(Judge(rest, other_count, cache).failures, "ima.known");
  Expectations other_value = known;
  other_value.known_ima->value[0] ^= std::byte{1};
  EXPECT_EQ(Judge(rest, other_value, cache).failures, "ima.replay");
}

TEST(Increments, CannotHideAnEntry) {
  SKIP_WITHOUT_SAMPLES();
  const Boot first = TrustedLaunch("runtime-tamper");
  const Boot second = TrustedLaunch("runtime-tamper/second");
  Expectations known = Known(first, second);
  const std::uint64_t entries = known.known_ima->entries;
  // One more is left out, and the count says so or not.
  VerifyCache cache;
  EXPECT_EQ(Judge(WhatIsNew(second, entries + 1), known, cache).failures, "ima.known");
  known.known_ima->entries = entries + 1;
  EXPECT_EQ(Judge(WhatIsNew(second, entries + 1), known, cache).failures, "ima.replay");
}

}  // namespace
}  // namespace assay
