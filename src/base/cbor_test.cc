#include "base/cbor.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/encoding.h"

namespace assay {
namespace {

Bytes Cbor(std::string_view hex) { return HexDecode(hex).value(); }

// RFC 8949, appendix A.
TEST(Cbor, WritesTheExamplesOfTheRfc) {
  const auto hex = [](std::uint64_t n) { return HexEncode(CborWriter().Unsigned(n).Take()); };
  EXPECT_EQ(hex(0), "00");
  EXPECT_EQ(hex(23), "17");
  EXPECT_EQ(hex(24), "1818");
  EXPECT_EQ(hex(255), "18ff");
  EXPECT_EQ(hex(256), "190100");
  EXPECT_EQ(hex(1'000'000), "1a000f4240");
  EXPECT_EQ(hex(1'000'000'000'000), "1b000000e8d4a51000");
  EXPECT_EQ(hex(~std::uint64_t{0}), "1bffffffffffffffff");
  EXPECT_EQ(HexEncode(CborWriter().Integer(-1000).Take()), "3903e7");
  EXPECT_EQ(HexEncode(CborWriter().ByteString(Cbor("01020304")).Take()), "4401020304");
  EXPECT_EQ(HexEncode(CborWriter().Text("\xC3\xBC").Take()), "62c3bc");
  EXPECT_EQ(HexEncode(CborWriter().Array(2).Unsigned(1).Null().Take()), "8201f6");
  EXPECT_EQ(HexEncode(CborWriter().Map(1).Integer(-1).Tag(18).Text("").Take()), "a120d260");
}

TEST(Cbor, ReadsWhatItWrites) {
  const Bytes bytes = CborWriter()
                          .Array(5)
                          .Integer(std::numeric_limits<std::int64_t>::min())
                          .Integer(std::numeric_limits<std::int64_t>::max())
                          .Text("text")
                          .ByteString(Cbor("00ff"))
                          .Null()
                          .Take();
  CborReader reader(bytes, "test");
  ASSERT_TRUE(reader.ArrayOf("all", 5));
  EXPECT_EQ(reader.Integer("least").value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reader.Integer("most").value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(reader.TakeNull().value());
  EXPECT_EQ(reader.Text("text", 4).value(), "text");
  EXPECT_EQ(ToBytes(reader.ByteString("bytes", 2).value()), Cbor("00ff"));
  EXPECT_TRUE(reader.Null("null"));
  EXPECT_TRUE(reader.ExpectEnd());
}

TEST(Cbor, RefusesEveryLongerEncodingOfANumber) {
  for (const char* hex : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff"}) {
    const Bytes bytes = Cbor(hex);
    EXPECT_FALSE(CborReader(bytes, "test").Unsigned("n")) << hex;
  }
  for (const char* hex : {"1818", "190100", "1a00010000", "1b0000000100000000"}) {
    const Bytes bytes = Cbor(hex);
    EXPECT_TRUE(CborReader(bytes, "test").Unsigned("n")) << hex;
  }
}

TEST(Cbor, RefusesIndefiniteLengthsAndReservedHeads) {
  for (const char* hex : {"5f", "7f", "9f", "bf", "1c", "1d", "1e", "1f", "ff"}) {
    const Bytes bytes = Cbor(hex);
    EXPECT_FALSE(CborReader(bytes, "test").Array("a", 9)) << hex;
    EXPECT_FALSE(CborReader(bytes, "test").ByteString("b", 9)) << hex;
    EXPECT_FALSE(CborReader(bytes, "test").Unsigned("u")) << hex;
  }
}

TEST(Cbor, RefusesAnotherTypeThanWasAskedFor) {
  const Bytes number = Cbor("01");
  EXPECT_FALSE(CborReader(number, "test").ByteString("b", 9));
  EXPECT_FALSE(CborReader(number, "test").Text("t", 9));
  EXPECT_FALSE(CborReader(number, "test").Array("a", 9));
  EXPECT_FALSE(CborReader(number, "test").Map("m", 9));
  EXPECT_FALSE(CborReader(number, "test").Tag("t", 1));
  EXPECT_FALSE(CborReader(number, "test").Null("n"));
  const Bytes negative = Cbor("20");
  EXPECT_FALSE(CborReader(negative, "test").Unsigned("n"));
}

TEST(Cbor, RefusesWhatIsTooLongOrCutOff) {
  const Bytes bytes = Cbor("4401020304");
  EXPECT_FALSE(CborReader(bytes, "test").ByteString("b", 3));
  EXPECT_TRUE(CborReader(bytes, "test").ByteString("b", 4));
  EXPECT_FALSE(CborReader(View(bytes).first(4), "test").ByteString("b", 9));
  const Bytes huge = Cbor("5bffffffffffffffff00");
  EXPECT_FALSE(CborReader(huge, "test").ByteString("b", 9));
  const Bytes array = Cbor("83");
  EXPECT_FALSE(CborReader(array, "test").Array("a", 2));
  EXPECT_FALSE(CborReader(array, "test").ArrayOf("a", 2));
  const Bytes beyond = Cbor("1b8000000000000000");
  EXPECT_FALSE(CborReader(beyond, "test").Integer("n"));
  const Bytes tag = Cbor("d3");
  EXPECT_FALSE(CborReader(tag, "test").Tag("t", 18));
}

TEST(Cbor, RefusesTextThatIsNoUtf8) {
  for (const char* hex : {"61ff", "62c0af", "63eda080", "61c3"}) {
    const Bytes bytes = Cbor(hex);
    EXPECT_FALSE(CborReader(bytes, "test").Text("t", 9)) << hex;
  }
}

}  // namespace
}  // namespace assay
