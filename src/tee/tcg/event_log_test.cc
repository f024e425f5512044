#include "tee/tcg/event_log.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/replay.h"

namespace assay::tcg {
namespace {

void Le(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
  }
}

// The first event of a crypto-agile log with one SHA-256 bank.
Bytes Header(std::uint32_t algorithms = 1, std::uint16_t size = 32) {
  Bytes spec = ToBytes(AsBytes(std::string_view("Spec ID Event03\0", 16)));
  Le(spec, 0, 8);
  Le(spec, algorithms, 4);
  for (std::uint32_t i = 0; i < algorithms; ++i) {
    Le(spec, 0x0B, 2);
    Le(spec, size, 2);
  }
  Le(spec, 0, 1);
  Bytes out;
  Le(out, 0, 4);
  Le(out, kEvNoAction, 4);
  Append(out, Bytes(20));
  Le(out, spec.size(), 4);
  Append(out, spec);
  return out;
}

void AddEvent(Bytes& out, std::uint32_t pcr, std::uint32_t type, std::string_view data,
              std::string_view measured) {
  Le(out, pcr, 4);
  Le(out, type, 4);
  Le(out, 1, 4);
  Le(out, 0x0B, 2);
  Append(out, Sha256(AsBytes(measured)));
  Le(out, data.size(), 4);
  Append(out, AsBytes(data));
}

DataBinding Binding(std::uint32_t type, std::string_view data, std::string_view measured) {
  Bytes log = Header();
  AddEvent(log, 8, type, data, measured);
  return BindingOf(ParseEventLog(log)->events.back());
}

constexpr std::string_view kLocality{"StartupLocality\0\x03", 17};

TEST(EventLog, RefusesAnEmptyOneAndEveryTruncation) {
  EXPECT_FALSE(ParseEventLog({}));
  Bytes log = Header();
  AddEvent(log, 0, kEvSeparator, "abcd", "abcd");
  EXPECT_EQ(ParseEventLog(log)->events.size(), 2U);
  for (std::size_t size = Header().size() + 1; size < log.size(); ++size) {
    const auto cut = ParseEventLog(View(log).first(size));
    // Four bytes of an index of zero look like padding: then the event is not there.
    EXPECT_TRUE(!cut || cut->events.size() == 1) << size;
  }
}

TEST(EventLog, RefusesAlgorithmsThatAreWrongOrTwiceDeclared) {
  EXPECT_TRUE(ParseEventLog(Header(1, 32)));
  EXPECT_FALSE(ParseEventLog(Header(1, 20)));
  EXPECT_FALSE(ParseEventLog(Header(2, 32)));
  EXPECT_FALSE(ParseEventLog(Header(0, 32)));
}

TEST(EventLog, RefusesAnEventWithoutTheDeclaredDigests) {
  Bytes log = Header();
  AddEvent(log, 0, kEvSeparator, "abcd", "abcd");
  log[Header().size() + 8] = std::byte{0};  // the digest count
  EXPECT_FALSE(ParseEventLog(log));
}

TEST(EventLog, EndsAtPadding) {
  for (const std::byte padding : {std::byte{0}, std::byte{0xFF}}) {
    Bytes log = Header();
    AddEvent(log, 1, kEvSeparator, "abcd", "abcd");
    log.resize(log.size() + 100, padding);
    EXPECT_EQ(ParseEventLog(log)->events.size(), 2U);
  }
}

TEST(Replay, StartsPcrZeroWithTheStartupLocality) {
  Bytes log = Header();
  AddEvent(log, 0, kEvNoAction, kLocality, "");
  AddEvent(log, 0, kEvSCrtmVersion, "v", "v");
  Bytes expected(32);
  expected.back() = std::byte{3};
  Extend(HashAlgorithm::kSha256, Sha256(AsBytes("v")), expected);
  EXPECT_EQ(Replay(*ParseEventLog(log), HashAlgorithm::kSha256)->at(0), expected);
}

TEST(Replay, RefusesALocalityThatIsStatedTwiceOrTooLate) {
  Bytes twice = Header();
  AddEvent(twice, 0, kEvNoAction, kLocality, "");
  AddEvent(twice, 0, kEvNoAction, kLocality, "");
  EXPECT_FALSE(Replay(*ParseEventLog(twice), HashAlgorithm::kSha256));
  Bytes late = Header();
  AddEvent(late, 0, kEvSCrtmVersion, "v", "v");
  AddEvent(late, 0, kEvNoAction, kLocality, "");
  EXPECT_FALSE(Replay(*ParseEventLog(late), HashAlgorithm::kSha256));
}

TEST(Replay, RefusesAPcrThatDoesNotExistAndABankThatIsNotThere) {
  Bytes log = Header();
  AddEvent(log, 24, kEvSeparator, "abcd", "abcd");
  EXPECT_FALSE(Replay(*ParseEventLog(log), HashAlgorithm::kSha256));
  Bytes other = Header();
  AddEvent(other, 1, kEvSeparator, "abcd", "abcd");
  EXPECT_FALSE(Replay(*ParseEventLog(other), HashAlgorithm::kSha384));
}

TEST(BindingOf, HoldsDefinedTypesToTheirData) {
  for (const std::uint32_t type : {kEvSeparator, kEvAction, kEvSCrtmVersion, kEvEfiAction,
                                   kEvEfiGptEvent, kEvEfiVariableDriverConfig, kEvEfiVariableBoot,
                                   kEvEfiVariableBoot2, kEvEfiVariableAuthority}) {
    EXPECT_EQ(Binding(type, "data", "data"), DataBinding::kBound) << type;
    EXPECT_EQ(Binding(type, "data", "other"), DataBinding::kMismatch) << type;
  }
  EXPECT_EQ(Binding(kEvOmitBootDeviceEvents, "", "BOOT ATTEMPTS OMITTED"), DataBinding::kBound);
}

TEST(BindingOf, TakesAnImagesDigestForNothingMoreThanThat) {
  EXPECT_EQ(Binding(kEvEfiBootServicesApplication, "path", "image"), DataBinding::kOpaque);
  EXPECT_EQ(Binding(kEvEfiBootServicesApplication, "path", "path"), DataBinding::kOpaque);
}

TEST(MeasuredText, IsWhatStandsBehindGrubsPrefix) {
  const auto measured = [](std::string_view data, std::string_view text) {
    Bytes log = Header();
    AddEvent(log, 8, kEvIpl, data, text);
    const auto parsed = ParseEventLog(log);
    const auto found = MeasuredText(parsed->events.back());
    return found ? std::string(AsText(*found)) : std::string("(none)");
  };
  EXPECT_EQ(measured("kernel_cmdline: ro quiet", "ro quiet"), "ro quiet");
  EXPECT_EQ(measured(std::string_view("grub_cmd: set x\0", 16), "set x"), "set x");
  EXPECT_EQ(measured("grub_cmd set x", "set x"), "set x");
  EXPECT_EQ(measured("MokList", "MokList"), "MokList");
  EXPECT_EQ(measured("/vmlinuz", "the kernel"), "(none)");
}

}  // namespace
}  // namespace assay::tcg
