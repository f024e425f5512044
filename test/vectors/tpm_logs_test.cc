// Event logs of real machines: each must replay to the PCRs that its source published, and what its
// types define over their data must be so.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "base/encoding.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/replay.h"
#include "vectors/samples.h"

namespace assay {
namespace {

using namespace tcg;  // NOLINT(google-build-using-namespace)

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

struct LogSample {
  std::string name;
  Bytes log;
  std::map<HashAlgorithm, PcrValues> pcrs;
};

std::optional<std::map<HashAlgorithm, PcrValues>> Published(const std::filesystem::path& folder) {
  std::map<HashAlgorithm, PcrValues> out;
  const auto take = [&out](HashAlgorithm bank, const json::Value& values) {
    for (const auto& [pcr, value] : *values.AsObject()) {
      out[bank][static_cast<std::uint32_t>(std::stoul(pcr))] =
          HexDecode(*value.AsString()).value();
    }
  };
  for (const char* name : {"sha1", "sha256", "sha384"}) {
    const auto bank = HashAlgorithmNamed(name).value();
    const auto file = folder / (std::string("pcrs_") + name + ".json");
    if (std::filesystem::exists(file)) take(bank, json::Parse(AsText(samples::Read(file))).value());
  }
  if (std::filesystem::exists(folder / "pcrs.json")) {
    const json::Value all = json::Parse(AsText(samples::Read(folder / "pcrs.json"))).value();
    for (const auto& [name, values] : *all.AsObject()) {
      if (const auto bank = HashAlgorithmNamed(name)) take(*bank, values);
    }
  }
  return out;
}

std::vector<LogSample> Samples() {
  std::vector<LogSample> out;
  for (const auto& folder : samples::Folders("tpm")) {
    if (!std::filesystem::exists(folder / "eventlog.bin")) continue;
    out.push_back({folder.filename(), samples::Read(folder / "eventlog.bin"), *Published(folder)});
  }
  return out;
}

TEST(TpmLogs, ReplayToThePublishedPcrsInEveryBank) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t compared = 0;
  for (const LogSample& sample : Samples()) {
    const auto log = ParseEventLog(sample.log);
    ASSERT_TRUE(log) << sample.name << ": " << log.error().message;
    for (const HashAlgorithm bank : log->banks) {
      const auto published = sample.pcrs.find(bank);
      if (published == sample.pcrs.end()) continue;
      const auto replayed = Replay(*log, bank);
      ASSERT_TRUE(replayed) << sample.name << ": " << replayed.error().message;
      for (const auto& [pcr, value] : *replayed) {
        const auto expected = published->second.find(pcr);
        if (expected == published->second.end()) continue;
        EXPECT_EQ(value, expected->second) << sample.name << " " << Name(bank) << " PCR " << pcr;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 150U);
  std::cout << "judged: " << compared << " PCRs replayed from event logs\n";
}

TEST(TpmLogs, HoldDataThatBelongsToItsDigests) {
  SKIP_WITHOUT_SAMPLES();
  for (const LogSample& sample : Samples()) {
    const auto log = ParseEventLog(sample.log);
    ASSERT_TRUE(log);
    std::map<std::uint32_t, std::array<int, 3>> counts;
    for (const Event& event : log->events) {
      if (event.type == kEvNoAction) continue;
      const DataBinding binding = BindingOf(event);
      ++counts[event.type][static_cast<std::size_t>(binding)];
      EXPECT_NE(binding, DataBinding::kMismatch)
          << sample.name << " event " << event.number << " type " << std::hex << event.type
          << " PCR " << std::dec << event.index << " " << HexEncode(event.data).substr(0, 160);
    }
    for (const auto& [type, count] : counts) {
      std::cout << sample.name << " " << std::hex << type << std::dec << " bound " << count[0]
                << " opaque " << count[1] << " mismatch " << count[2] << "\n";
    }
  }
}

}  // namespace
}  // namespace assay
