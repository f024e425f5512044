// Real CC event logs: each replays as its about.json says, and no change to what it measured goes
// unseen.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tee/core/cc_event_log.h"
#include "vectors/samples.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using cc_log::LogEvent;
using Registers = std::array<std::optional<Sha384Digest>, 4>;

struct Log {
  std::string name;
  json::Value about;
  Bytes data;
};

std::vector<Log> Logs() {
  std::vector<Log> out;
  for (const fs::path& folder : samples::Folders("tdx-ccel")) {
    out.push_back(
        {folder.filename(), samples::About(folder), samples::Read(folder / "ccel_data.bin")});
  }
  return out;
}

class CcelSamples : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  }
};

std::optional<Registers> ReplayOf(View data) {
  const auto events = cc_log::ParseEventLog(data);
  if (!events) return std::nullopt;
  return cc_log::Replay(*events);
}

// expected.rtmr_replay: {"0": [hexadecimal, whether it is that of the quote or null], …}
TEST_F(CcelSamples, ReplayAsTheirAboutStates) {
  std::size_t registers = 0;
  for (const Log& log : Logs()) {
    SCOPED_TRACE(log.name);
    const auto replayed = ReplayOf(log.data);
    ASSERT_TRUE(replayed.has_value());
    const json::Value& expected = *log.about.Find("expected");
    const json::Value& values = *expected.Find("rtmr_replay");
    for (std::size_t i = 0; i < replayed->size(); ++i) {
      const json::Value* value = values.Find(std::to_string(i));
      ASSERT_EQ((*replayed)[i].has_value(), value != nullptr) << i;
      if (value == nullptr) continue;
      EXPECT_EQ(HexEncode(*(*replayed)[i]), *value->AsArray()->at(0).AsString()) << i;
      const json::Value* quoted = expected.Find("rtmr_in_quote");
      if (quoted != nullptr && quoted->AsArray() != nullptr) {
        EXPECT_EQ(HexEncode(*(*replayed)[i]), *quoted->AsArray()->at(i).AsString()) << i;
      }
      ++registers;
    }
  }
  fmt::print("event logs: {} registers replayed as stated\n", registers);
  EXPECT_GE(registers, 13U);
}

TEST_F(CcelSamples, HoldAsManyEventsAsTheirAboutCounts) {
  for (const Log& log : Logs()) {
    const auto events = cc_log::ParseEventLog(log.data);
    ASSERT_TRUE(events.has_value()) << log.name;
    const std::int64_t counted = *log.about.Find("checked_here")->Find("events")->AsInt();
    EXPECT_EQ(events->size(), static_cast<std::size_t>(counted)) << log.name;
    fmt::print("event logs: {}: {} measured events\n", log.name, events->size());
  }
}

// The byte ranges of the SHA-384 digests, in the order of the events.
std::vector<std::size_t> DigestOffsets(const Log& log) {
  const auto events = cc_log::ParseEventLog(log.data).value();
  std::vector<std::size_t> out;
  std::size_t from = 0;
  for (const LogEvent& event : events) {
    const auto at = std::search(log.data.begin() + static_cast<std::ptrdiff_t>(from),
                                log.data.end(), event.digest.begin(), event.digest.end());
    if (at == log.data.end()) return {};
    out.push_back(static_cast<std::size_t>(at - log.data.begin()));
    from = out.back() + event.digest.size();
  }
  return out;
}

TEST_F(CcelSamples, EveryAlteredDigestChangesItsRegisterAndNoOther) {
  std::size_t altered = 0;
  for (const Log& log : Logs()) {
    SCOPED_TRACE(log.name);
    const auto events = cc_log::ParseEventLog(log.data).value();
    const Registers good = cc_log::Replay(events);
    const auto offsets = DigestOffsets(log);
    ASSERT_EQ(offsets.size(), events.size());
    for (std::size_t e = 0; e < events.size(); ++e) {
      for (std::size_t bit = 0; bit < 384; ++bit) {
        Bytes changed = log.data;
        changed[offsets[e] + bit / 8] ^= std::byte{1} << (bit % 8);
        const auto replayed = ReplayOf(changed);
        ASSERT_TRUE(replayed.has_value());
        for (std::size_t i = 0; i < good.size(); ++i) {
          const bool hit = events[e].register_index == i + 1;
          ASSERT_EQ((*replayed)[i] != good[i], hit) << "event " << e << " bit " << bit;
        }
        ++altered;
      }
    }
  }
  fmt::print("event logs: {} altered digests seen in their register\n", altered);
  EXPECT_GT(altered, 1000U);
}

// What is cut off was measured, unless it was padding: the registers differ, or the log is refused.
TEST_F(CcelSamples, EveryTruncationIsRefusedOrSeen) {
  std::size_t refused = 0, seen = 0, padding = 0;
  for (const Log& log : Logs()) {
    const Registers good = *ReplayOf(log.data);
    const auto parsed_to =
        static_cast<std::size_t>(*log.about.Find("checked_here")->Find("parsed_to")->AsInt());
    for (std::size_t size = 0; size < log.data.size(); ++size) {
      const auto replayed = ReplayOf(View(log.data).first(size));
      if (!replayed) {
        ++refused;
        continue;
      }
      const bool same = *replayed == good;
      ASSERT_EQ(same, size >= parsed_to) << log.name << " cut to " << size;
      (same ? padding : seen) += 1;
    }
  }
  fmt::print("event logs: truncations: {} refused, {} seen, {} of padding\n", refused, seen,
             padding);
  EXPECT_GT(refused, seen);
}

// Only digests and register indexes reach the RTMRs: a flip elsewhere is refused, changes a
// register, or stands in data that the digest beside it speaks of (the policy compares the two) or
// in padding.
TEST_F(CcelSamples, EveryBitFlipIsRefusedOrSeenOrLeavesTheMeasurementsAsTheyWere) {
#ifdef ASSAY_SAMPLED
  constexpr std::size_t kStride = ASSAY_SAMPLED;
#else
  constexpr std::size_t kStride = 7;
#endif
  std::size_t refused = 0, seen = 0, unmeasured = 0;
  for (const Log& log : Logs()) {
    const auto events = cc_log::ParseEventLog(log.data).value();
    const Registers good = cc_log::Replay(events);
    for (std::size_t bit = 0; bit < log.data.size() * 8; bit += kStride) {
      Bytes changed = log.data;
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto parsed = cc_log::ParseEventLog(changed);
      if (!parsed) {
        ++refused;
      } else if (cc_log::Replay(*parsed) != good) {
        ++seen;
      } else {
        ASSERT_EQ(parsed->size(), events.size()) << log.name << " bit " << bit;
        for (std::size_t e = 0; e < events.size(); ++e) {
          ASSERT_EQ((*parsed)[e].digest, events[e].digest) << log.name << " bit " << bit;
          ASSERT_EQ((*parsed)[e].register_index, events[e].register_index);
        }
        ++unmeasured;
      }
    }
  }
  fmt::print("event logs: bit flips: {} refused, {} seen, {} in data that is not extended\n",
             refused, seen, unmeasured);
  EXPECT_GT(refused, 0U);
  EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace assay
