// Real boots under Secure Boot with a virtual TPM, and what was done to them.
#include <gtest/gtest.h>

#include <iostream>

#include "tee/core/verify_cache.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/scheme.h"
#include "vectors/tpm_samples.h"

namespace assay {
namespace {

using samples::Boot;
using samples::TrustedLaunch;

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

// The names of the checks that failed, or the error of the parser.
std::string Failures(const Boot& boot, const Expectations& expectations) {
  const std::string text = boot.Json();
  const auto parsed = kTpmScheme.parse(AsBytes(text));
  if (!parsed) return "parse: " + parsed.error().message;
  VerifyCache cache;
  Trace trace;
  const TrustedRoots roots;
  const Collateral collateral;
  kTpmScheme.check(**parsed, {collateral, roots, expectations, Time{}, cache}, trace);
  std::string out;
  for (const Check& check : trace.checks()) {
    if (check.outcome == Outcome::kFail) out += (out.empty() ? "" : " ") + std::string(check.name);
  }
  return out;
}

Expectations Enrolled(const Boot& boot) {
  Expectations out;
  out.enrolled_aks = {boot.ak_name};
  out.report_data = boot.nonce;
  return out;
}

std::string Judge(const std::string& name) {
  const Boot boot = TrustedLaunch(name);
  return Failures(boot, Enrolled(boot));
}

TEST(TrustedLaunch, EveryBootIsJudgedForWhatItIs) {
  SKIP_WITHOUT_SAMPLES();
  const std::map<std::string, std::string> expected = {
      {"good", ""},
      {"good-two-quotes", ""},
      {"good-two-quotes/second", ""},
      {"runtime-tamper", ""},
      {"runtime-tamper/second", ""},
      {"cmdline-changed", ""},
      {"initrd-changed", ""},
      {"ima-ng-template", ""},
      {"ima-critical-data", ""},
      {"minimal-vars-boot1", ""},
      {"vm-shape-2cpu", ""},
      {"uki-good", ""},
      {"uki-secureboot-off", "secure_boot.enabled"},
      {"secureboot-off-grub", "event_log.present"},
  };
  for (const auto& [name, failures] : expected) EXPECT_EQ(Judge(name), failures) << name;
  std::cout << "judged: " << expected.size() << " boots\n";
}

TEST(TrustedLaunch, AnotherChallengeIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  Expectations expectations = Enrolled(boot);
  expectations.report_data->back() ^= std::byte{1};
  EXPECT_EQ(Failures(boot, expectations), "quote.nonce");
}

TEST(TrustedLaunch, AnotherMachinesKeyIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  Boot other = boot;
  other.ak_public = TrustedLaunch("cmdline-changed").ak_public;
  EXPECT_EQ(Failures(boot, Enrolled(TrustedLaunch("cmdline-changed"))), "ak.enrolled quote.nonce");
  EXPECT_EQ(Failures(other, Enrolled(boot)), "ak.enrolled quote.signature");
  EXPECT_EQ(Failures(boot, {}), "ak.trust");
}

TEST(TrustedLaunch, AlteredLogsAreRefusedEachForItsOwnReason) {
  SKIP_WITHOUT_SAMPLES();
  Boot boot = TrustedLaunch("uki-secureboot-off");
  Expectations expectations = Enrolled(boot);
  expectations.allow_secure_boot_off = true;
  EXPECT_EQ(Failures(boot, expectations), "");
  const auto altered = samples::Root() / "trusted-launch/altered";
  boot.event_log = samples::Read(altered / "uki-secureboot-off.bios.data-only.log");
  EXPECT_EQ(Failures(boot, expectations), "event_log.digests");
  boot.event_log = samples::Read(altered / "uki-secureboot-off.bios.data+digest.log");
  EXPECT_EQ(Failures(boot, expectations), "event_log.replay");
}

TEST(TrustedLaunch, LogsOfAnotherBootAreRefused) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  Boot mixed = boot;
  mixed.event_log = TrustedLaunch("cmdline-changed").event_log;
  EXPECT_EQ(Failures(mixed, Enrolled(boot)), "event_log.replay");
  mixed = boot;
  mixed.ima_log = TrustedLaunch("initrd-changed").ima_log;
  EXPECT_EQ(Failures(mixed, Enrolled(boot)), "ima.replay");
}

TEST(TrustedLaunch, ADroppedOrReorderedImaEntryIsSeen) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  const auto entries = tpm::ParseImaLog(boot.ima_log).value();
  ASSERT_GT(entries.size(), 10U);
  std::size_t refused = 0;
  for (const tpm::ImaEntry& entry : entries) {
    const auto begin = entry.template_digest.data() - boot.ima_log.data() - 4;
    const auto end = entry.template_data.data() + entry.template_data.size() - boot.ima_log.data();
    Boot less = boot;
    less.ima_log.erase(less.ima_log.begin() + begin, less.ima_log.begin() + end);
    EXPECT_EQ(Failures(less, Enrolled(boot)), "ima.replay");
    ++refused;
  }
  std::cout << "refused: " << refused << " IMA lists without one entry\n";
}

TEST(TrustedLaunch, ARuntimeChangeIsInTheListAndNotInTheBoot) {
  SKIP_WITHOUT_SAMPLES();
  const Boot before = TrustedLaunch("runtime-tamper");
  const Boot after = TrustedLaunch("runtime-tamper/second");
  EXPECT_EQ(before.event_log, after.event_log);
  const auto changed = tpm::ParseImaLog(after.ima_log).value();
  const auto known = tpm::ParseImaLog(before.ima_log).value();
  ASSERT_GT(changed.size(), known.size());
  const auto tampered =
      std::find_if(changed.begin() + static_cast<std::ptrdiff_t>(known.size()), changed.end(),
                   [](const tpm::ImaEntry& entry) { return entry.path == "/opt/app"; });
  ASSERT_NE(tampered, changed.end());
  const auto good = std::find_if(known.begin(), known.end(), [](const tpm::ImaEntry& entry) {
    return entry.path == "/opt/app";
  });
  ASSERT_NE(good, known.end());
  EXPECT_FALSE(Equal(tampered->digest, good->digest));
}

// Every bit of quote, signature and public area, and every PCR value.
TEST(TrustedLaunch, NoBitOfWhatIsSignedCanBeChanged) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  std::size_t refused = 0;
  for (Bytes Boot::*part : {&Boot::quote, &Boot::signature, &Boot::ak_public}) {
    for (std::size_t bit = 0; bit < (boot.*part).size() * 8; ++bit) {
      Boot changed = boot;
      (changed.*part)[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      ASSERT_NE(Failures(changed, Enrolled(boot)), "") << "bit " << bit;
      ++refused;
    }
  }
  std::cout << "refused: " << refused << " changed bits of a TPM's quote\n";
}

TEST(TrustedLaunch, NoPcrValueCanBeChanged) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  for (std::size_t pcr = 0; pcr <= 14; ++pcr) {
    Boot changed = boot;
    json::Object values = *changed.pcrs[0].second.AsObject();
    std::string value = *values[pcr].second.AsString();
    value[0] = value[0] == '0' ? '1' : '0';
    values[pcr].second = value;
    changed.pcrs[0].second = json::Value(values);
    EXPECT_NE(Failures(changed, Enrolled(boot)).find("quote.pcr_digest"), std::string::npos) << pcr;
  }
}

TEST(TrustedLaunch, NoTruncationIsTrusted) {
  SKIP_WITHOUT_SAMPLES();
  const Boot boot = TrustedLaunch("good");
  std::size_t refused = 0;
  for (Bytes Boot::*part : {&Boot::quote, &Boot::signature, &Boot::ak_public, &Boot::event_log}) {
    for (std::size_t size = 0; size < (boot.*part).size(); ++size) {
      Boot changed = boot;
      (changed.*part).resize(size);
      ASSERT_NE(Failures(changed, Enrolled(boot)), "") << "cut to " << size;
      ++refused;
    }
  }
  std::cout << "refused: " << refused << " truncations of a TPM's evidence\n";
}

}  // namespace
}  // namespace assay
