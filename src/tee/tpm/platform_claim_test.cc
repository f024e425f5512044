#include "tee/tpm/platform_claim.h"

#include <gtest/gtest.h>

namespace assay::tpm {
namespace {

Bytes Claim(std::uint32_t version = 0, std::uint32_t bank = 0x0B, std::size_t pcrs = 24 * 32) {
  Bytes out = ToBytes(AsBytes("ALPT"));
  for (const std::size_t word :
       {std::size_t{version}, std::size_t{bank}, std::size_t{2}, std::size_t{3}, pcrs}) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<std::byte>(word >> shift));
    }
  }
  Append(out, AsBytes("si"));
  Append(out, AsBytes("quo"));
  out.resize(out.size() + pcrs, std::byte{7});
  return out;
}

TEST(PlatformClaim, HoldsTheQuoteItsSignatureAndAllPcrs) {
  const Bytes bytes = Claim();
  const PlatformClaim claim = ParsePlatformClaim(bytes).value();
  EXPECT_EQ(AsText(claim.signature), "si");
  EXPECT_EQ(AsText(claim.quote), "quo");
  EXPECT_EQ(claim.pcrs.size(), 24U);
  EXPECT_EQ(claim.pcrs.at(23), Bytes(32, std::byte{7}));
}

TEST(PlatformClaim, RefusesOtherVersionsBanksAndSizes) {
  EXPECT_EQ(ParsePlatformClaim(Claim(1)).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParsePlatformClaim(Claim(0, 0x12)).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParsePlatformClaim(Claim(0, 0x1000B)).error().code, ErrorCode::kUnsupported);
  EXPECT_FALSE(ParsePlatformClaim(Claim(0, 0x0B, 23 * 32)));
  Bytes other = Claim();
  other[0] = std::byte{'B'};
  EXPECT_EQ(ParsePlatformClaim(other).error().code, ErrorCode::kUnsupported);
}

TEST(PlatformClaim, RefusesEveryTruncationAndWhatStandsBehind) {
  const Bytes bytes = Claim();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParsePlatformClaim(View(bytes).first(size))) << size;
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(ParsePlatformClaim(longer));
}

}  // namespace
}  // namespace assay::tpm
