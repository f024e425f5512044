#include <gtest/gtest.h>

#include <limits>

#include "base/encoding.h"
#include "base/json.h"
#include "base/reader.h"
#include "base/time.h"

namespace assay {
namespace {

TEST(Reader, NamesFieldAndOffsetOfWhatIsMissing) {
  const Bytes data(3);
  Reader in(data, "thing", 100);
  ASSERT_TRUE(in.U16Le("first").has_value());
  const auto second = in.U32Le("second");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().message, "thing: needs 4 bytes for second at offset 102, 1 left");
}

TEST(Reader, ReadsBothByteOrders) {
  const Bytes data = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  EXPECT_EQ(Reader(data, "x").U32Le("n").value(), 0x04030201U);
  EXPECT_EQ(Reader(data, "x").U32Be("n").value(), 0x01020304U);
}

TEST(Reader, RefusesLengthsThatWouldOverflow) {
  const Bytes data(8);
  Reader in(data, "x");
  ASSERT_TRUE(in.Take(4, "head").has_value());
  EXPECT_FALSE(in.Take(static_cast<std::size_t>(-1), "huge").has_value());
  EXPECT_TRUE(in.Take(4, "tail").has_value());
  EXPECT_TRUE(in.ExpectEnd().has_value());
}

TEST(Reader, SeesTrailingBytes) {
  const Bytes data(2);
  Reader in(data, "x");
  ASSERT_TRUE(in.U8("one").has_value());
  EXPECT_FALSE(in.ExpectEnd().has_value());
}

TEST(Encoding, RoundTripsEveryLengthUpToSixtyFour) {
  Bytes data;
  for (std::size_t size = 0; size <= 64; ++size) {
    EXPECT_EQ(HexDecode(HexEncode(data)).value(), data);
    EXPECT_EQ(Base64Decode(Base64Encode(data)).value(), data);
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(data)).value(), data);
    data.push_back(static_cast<std::byte>(size * 37 + 200));
  }
}

TEST(Encoding, RefusesWhatIsNotOfItsAlphabet) {
  EXPECT_FALSE(HexDecode("0g").has_value());
  EXPECT_FALSE(HexDecode("000").has_value());
  EXPECT_FALSE(Base64Decode("ab-_").has_value());
  EXPECT_FALSE(Base64Decode("abc").has_value());
  EXPECT_FALSE(Base64UrlDecode("ab+/").has_value());
  EXPECT_FALSE(Base64UrlDecode("a").has_value());
  EXPECT_FALSE(Base64UrlDecode("ab\n").has_value());
}

TEST(Encoding, RefusesNonZeroBitsBehindTheLastByte) {
  EXPECT_TRUE(Base64UrlDecode("AA").has_value());
  EXPECT_FALSE(Base64UrlDecode("AB").has_value());
  EXPECT_TRUE(Base64UrlDecode("AAAAAAA").has_value());
  EXPECT_FALSE(Base64UrlDecode("AAAAAAB").has_value());
}

TEST(Encoding, WritesTheExamplesOfRfc4648) {
  EXPECT_EQ(Base64Encode(AsBytes("")), "");
  EXPECT_EQ(Base64Encode(AsBytes("f")), "Zg==");
  EXPECT_EQ(Base64Encode(AsBytes("fo")), "Zm8=");
  EXPECT_EQ(Base64Encode(AsBytes("foobar")), "Zm9vYmFy");
}

TEST(Encoding, NamesThePositionOfAStranger) {
  for (std::size_t at = 0; at < 11; ++at) {
    std::string text(11, 'A');
    text[at] = '!';
    const auto decoded = Base64UrlDecode(text);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_NE(decoded.error().message.find("position " + std::to_string(at)), std::string::npos);
  }
}

TEST(Time, ReadsAndWritesRfc3339) {
  const Time time = ParseTime("2025-06-04T09:25:11Z").value();
  EXPECT_EQ(UnixSeconds(time), 1749029111);
  EXPECT_EQ(FormatTime(time), "2025-06-04T09:25:11Z");
  EXPECT_EQ(ParseTime("1749029111").value(), time);
}

TEST(Time, RefusesDatesThatDoNotExist) {
  for (const char* text : {"2025-02-30T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z",
                           "2025-01-01 00:00:00Z", "2025-01-01T00:00:00+01:00", "", "Z", "-1"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

TEST(Json, RefusesDuplicateKeysAtEveryDepth) {
  EXPECT_TRUE(json::Parse(R"({"a":1,"b":{"a":2}})").has_value());
  EXPECT_FALSE(json::Parse(R"({"a":1,"a":1})").has_value());
  EXPECT_FALSE(json::Parse(R"([{"x":{"a":1,"b":2,"a":3}}])").has_value());
  EXPECT_FALSE(json::Parse(R"({"a":1,"\u0061":2})").has_value());
}

TEST(Json, RefusesTrailingBytesAndExcessDepth) {
  EXPECT_FALSE(json::Parse("{} x").has_value());
  EXPECT_FALSE(json::Parse(std::string("{}\0", 3)).has_value());
  EXPECT_FALSE(json::Parse(std::string(10000, '[')).has_value());
  EXPECT_FALSE(json::Parse(std::string(100, '[') + std::string(100, ']')).has_value());
}

TEST(Json, KeepsTheExactBytesOfASignedMember) {
  const std::string text = R"( {"signature":"00", "tcbInfo": { "b" : 1,  "a":[1, 2] } , "z":{}} )";
  EXPECT_EQ(json::RawMember(text, "tcbInfo").value(), R"({ "b" : 1,  "a":[1, 2] })");
  EXPECT_FALSE(json::RawMember(text, "signature").has_value());
  EXPECT_FALSE(json::RawMember(text, "absent").has_value());
}

TEST(Json, WritesWhatItReads) {
  const std::string text = R"({"s":"a\"\\\n\u0001é","n":-5,"b":[true,false,null],"o":{}})";
  EXPECT_EQ(json::Write(json::Parse(text).value()), text);
}

// A double that is a whole number stays a double: as an integer, -0.0 would lose its sign.
TEST(Json, WritesDoublesAsDoubles) {
  for (const char* text : {"-0.0", "1.0", "0.1", "1e+20", "-1.5e-07"}) {
    const json::Value value = json::Parse(text).value();
    ASSERT_NE(value.AsDouble(), nullptr) << text;
    EXPECT_EQ(json::Write(value), text);
  }
}

TEST(Time, WithoutACalendarYearIsWrittenInSeconds) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(FormatTime(FromUnixSeconds(kLeast)), "-9223372036854775808 seconds since 1970");
  EXPECT_EQ(FormatTime(FromUnixSeconds(253402300799)), "9999-12-31T23:59:59Z");
  EXPECT_EQ(FormatTime(FromUnixSeconds(253402300800)), "253402300800 seconds since 1970");
  EXPECT_EQ(FormatTime(FromUnixSeconds(-62167219200)), "0000-01-01T00:00:00Z");
}

}  // namespace
}  // namespace assay
