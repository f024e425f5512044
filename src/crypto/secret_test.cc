#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <utility>

namespace assay {
namespace {

TEST(SecretBytes, AreZerosAtFirst) {
  const SecretBytes secret(5);
  EXPECT_TRUE(SecretEqual(secret.view(), Bytes(5)));
  EXPECT_EQ(SecretBytes().size(), 0U);
  EXPECT_TRUE(SecretBytes(0).view().empty());
}

TEST(SecretBytes, AreMovedAndLeaveNothingBehind) {
  SecretBytes from(AsBytes("a secret"));
  SecretBytes to(AsBytes("another one"));
  to = std::move(from);
  EXPECT_EQ(AsText(to.view()), "a secret");
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_TRUE(from.view().empty());
  const SecretBytes last(std::move(to));
  EXPECT_EQ(last.size(), 8U);
}

TEST(SecretEqual, ComparesSizesAndBytes) {
  EXPECT_TRUE(SecretEqual(AsBytes("ab"), AsBytes("ab")));
  EXPECT_FALSE(SecretEqual(AsBytes("ab"), AsBytes("ac")));
  EXPECT_FALSE(SecretEqual(AsBytes("ab"), AsBytes("abc")));
}

}  // namespace
}  // namespace assay
