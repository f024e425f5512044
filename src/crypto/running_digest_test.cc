#include "crypto/running_digest.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(RunningDigest, IsTheDigestOfAllThatCame) {
  Bytes all;
  RunningSha256 short_one;
  RunningSha384 long_one;
  for (std::size_t i = 0; i < 300; ++i) {
    const Bytes piece(i, static_cast<std::byte>(i));
    short_one.Add(piece);
    long_one.Add(piece);
    Append(all, piece);
  }
  EXPECT_EQ(std::move(short_one).Value(), Sha256(all));
  EXPECT_EQ(std::move(long_one).Value(), Sha384(all));
  EXPECT_EQ(RunningSha256().Value(), Sha256({}));
}

}  // namespace
}  // namespace assay
