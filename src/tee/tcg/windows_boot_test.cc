#include "tee/tcg/windows_boot.h"

#include <gtest/gtest.h>

namespace assay::tcg {
namespace {

void SipaLe(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

Bytes Tagged(std::uint32_t id, const Bytes& data) {
  Bytes out;
  SipaLe(out, id, 4);
  SipaLe(out, data.size(), 4);
  Append(out, data);
  return out;
}

Bytes Byte(std::uint8_t value) { return {std::byte{value}}; }

Bytes Boundary(const std::vector<Bytes>& events) {
  Bytes all;
  for (const Bytes& event : events) Append(all, event);
  return Tagged(0x40010001, all);
}

// A log of these events, each (PCR, data) with the digest of its data.
class SipaLog {
 public:
  explicit SipaLog(const std::vector<std::pair<std::uint32_t, Bytes>>& events) : data_(events) {
    for (const auto& [pcr, data] : data_) digests_.push_back(Hash(HashAlgorithm::kSha256, data));
    for (std::size_t i = 0; i < data_.size(); ++i) {
      Event event;
      event.number = i;
      event.index = data_[i].first;
      event.type = kEvEventTag;
      event.digests = {{HashAlgorithm::kSha256, digests_[i]}};
      event.data = data_[i].second;
      log.events.push_back(event);
    }
  }
  Bytes& Digest(std::size_t i) { return digests_[i]; }

  EventLog log;

 private:
  std::vector<std::pair<std::uint32_t, Bytes>> data_;
  std::vector<Bytes> digests_;
};

std::string Refusal(const EventLog& log) {
  const auto boot = ReadWindowsBoot(log);
  return boot ? "" : boot.error().message;
}

const Bytes kGood = Boundary({Tagged(0x00050002, Byte(1)), Tagged(0x00050003, Byte(0))});

TEST(WindowsBoot, ReadsWhatItsStagesState) {
  Bytes number;
  SipaLe(number, 2, 8);
  Bytes name;
  for (const char c : std::string_view("WdBoot\0", 7))
    SipaLe(name, static_cast<unsigned char>(c), 2);
  const SipaLog log({{12, Boundary({Tagged(0x00050002, Byte(1)), Tagged(0x0005000A, number)})},
                     {13, Boundary({Tagged(0x40010002, Tagged(0x00090001, name)),
                                    Tagged(0x00050023, ToBytes(AsBytes("key")))})}});
  const WindowsBoot boot = ReadWindowsBoot(log.log).value().value();
  EXPECT_EQ(boot.code_integrity, true);
  EXPECT_EQ(boot.hypervisor_launch_type, 2U);
  EXPECT_EQ(boot.elam_drivers, std::vector<std::string>{"WdBoot"});
  ASSERT_EQ(boot.idks.size(), 1U);
  EXPECT_EQ(AsText(boot.idks[0]), "key");
  EXPECT_FALSE(boot.test_signing.has_value()) << "never stated";
}

TEST(WindowsBoot, TheWorstStatementStands) {
  for (const bool first : {true, false}) {
    const Bytes bad = Boundary({Tagged(0x00050002, Byte(0)), Tagged(0x00050003, Byte(1))});
    const SipaLog log({{12, first ? bad : kGood}, {13, first ? kGood : bad}});
    const WindowsBoot boot = ReadWindowsBoot(log.log).value().value();
    EXPECT_EQ(boot.code_integrity, false);
    EXPECT_EQ(boot.test_signing, true);
  }
}

TEST(WindowsBoot, IsNothingOfAnotherSystem) {
  const SipaLog linux_log({{11, ToBytes(AsBytes(".linux"))}, {8, kGood}});
  EXPECT_FALSE(ReadWindowsBoot(linux_log.log).value().has_value());
}

TEST(WindowsBoot, RefusesDataThatIsNotWhatWasExtended) {
  SipaLog log({{12, kGood}, {13, kGood}});
  ASSERT_EQ(Refusal(log.log), "");
  log.Digest(1)[0] ^= std::byte{1};
  EXPECT_NE(Refusal(log.log).find("event 1 in PCR 13"), std::string::npos);
}

TEST(WindowsBoot, RefusesWhatStandsBehindTheSeparator) {
  const SipaLog log({{12, kGood}, {12, Bytes(4)}, {12, kGood}});
  EXPECT_NE(Refusal(log.log).find("behind the separator"), std::string::npos);
  const SipaLog other({{12, kGood}, {12, Bytes(4)}, {13, kGood}});
  EXPECT_EQ(Refusal(other.log), "");
}

TEST(WindowsBoot, RefusesMalformedEvents) {
  Bytes cut = kGood;
  cut.pop_back();
  EXPECT_NE(Refusal(SipaLog({{12, cut}}).log).find("data"), std::string::npos);
  EXPECT_NE(
      Refusal(SipaLog({{12, Boundary({Tagged(0x00050002, Bytes(3))})}}).log).find("no number"),
      std::string::npos);
  Bytes deep = Byte(0);
  for (int i = 0; i < 12; ++i) deep = Tagged(0x40010001, deep);
  EXPECT_NE(Refusal(SipaLog({{12, deep}}).log).find("too deep"), std::string::npos);
}

}  // namespace
}  // namespace assay::tcg
