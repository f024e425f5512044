#include "base/percent.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Percent, EncodesAllButTheUnreserved) {
  EXPECT_EQ(PercentEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncode("a b:c/ü"), "a%20b%3ac%2f%c3%bc");
}

TEST(Percent, DecodesWhatItEncodes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
  EXPECT_EQ(PercentDecode("%3A%3a").value(), "::");
  EXPECT_EQ(PercentDecode("a+b").value(), "a+b");
  EXPECT_EQ(DecodeQueryValue("a+b%2Bc").value(), "a b+c");
}

TEST(Percent, RefusesBrokenSequences) {
  for (const char* wrong : {"%", "%4", "a%", "%zz", "%%41", "%4%31"}) {
    EXPECT_FALSE(PercentDecode(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace assay
