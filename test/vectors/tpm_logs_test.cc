// Event logs of real machines: each must replay to the PCRs that its source published, and what its
// types define over their data must be so.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "base/encoding.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/replay.h"
#include "tee/tcg/secure_boot.h"
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
      out[bank][static_cast<std::uint32_t>(std::stoul(pcr))] = HexDecode(*value.AsString()).value();
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
  std::array<std::size_t, 3> counts{};
  for (const LogSample& sample : Samples()) {
    const auto log = ParseEventLog(sample.log);
    ASSERT_TRUE(log);
    for (const Event& event : log->events) {
      if (event.type == kEvNoAction) continue;
      const DataBinding binding = BindingOf(event);
      ++counts.at(static_cast<std::size_t>(binding));
      EXPECT_NE(binding, DataBinding::kMismatch)
          << sample.name << " event " << event.number << " type 0x" << std::hex << event.type;
    }
  }
  EXPECT_GT(counts[0], counts[1]);
  std::cout << "judged: the data of " << counts[0] << " events is bound, of " << counts[1]
            << " it is of something outside the log\n";
}

// Each byte of bound data is flipped: the digests stay, so that the replay stays right, and yet it
// is seen.
TEST(TpmLogs, NoByteOfBoundDataCanBeChangedUnseen) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t refused = 0;
  for (const LogSample& sample : Samples()) {
    const auto log = ParseEventLog(sample.log);
    ASSERT_TRUE(log);
    for (const Event& event : log->events) {
      if (event.type == kEvNoAction || BindingOf(event) != DataBinding::kBound) continue;
      Bytes data = ToBytes(event.data);
      Event changed = event;
      changed.data = data;
      for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] ^= std::byte{0x20};
        // Old shims left out the last byte of an authority; GRUB's prefix and NUL are not extended.
        const bool unbound = (event.type == kEvEfiVariableAuthority && i + 1 == data.size()) ||
                             event.type == kEvIpl || event.type == kEvEfiVariableBoot;
        if (BindingOf(changed) != DataBinding::kBound) {
          ++refused;
        } else {
          EXPECT_TRUE(unbound) << sample.name << " event " << event.number << " byte " << i;
        }
        data[i] ^= std::byte{0x20};
      }
    }
  }
  std::cout << "refused: " << refused << " changed bytes of event data\n";
}

TEST(TpmLogs, TellTheSecureBootState) {
  SKIP_WITHOUT_SAMPLES();
  const std::map<std::string, bool> enabled = {{"eventlog-arch-linux-workstation", false},
                                               {"eventlog-cos-85-amd-sev", true},
                                               {"eventlog-cos-93-amd-sev", true},
                                               {"eventlog-debian-10", true},
                                               {"eventlog-glinux-alex", false},
                                               {"eventlog-rhel8-uefi", true},
                                               {"eventlog-ubuntu-1804-amd-sev", false},
                                               {"eventlog-ubuntu-2104-no-dbx", false},
                                               {"eventlog-ubuntu-2104-no-secure-boot", false},
                                               {"gce-cos85-nonce9009", true},
                                               {"gcp-windows-shielded-sha1log", true}};
  for (const LogSample& sample : Samples()) {
    const auto log = ParseEventLog(sample.log);
    const auto state = ReadSecureBoot(*log);
    ASSERT_TRUE(state) << sample.name << ": " << state.error().message;
    EXPECT_EQ(state->enabled, enabled.at(sample.name)) << sample.name;
    EXPECT_TRUE(!state->enabled || !state->db.empty()) << sample.name;
  }
}

}  // namespace
}  // namespace assay
