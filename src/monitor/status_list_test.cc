#include "monitor/status_list.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace assay::monitor {
namespace {

Bytes Uncompressed(const Bytes& list) {
  Bytes out(4096);
  uLongf size = out.size();
  EXPECT_EQ(
      uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                 reinterpret_cast<const Bytef*>(list.data()), static_cast<uLong>(list.size())),
      Z_OK);
  out.resize(size);
  return out;
}

TEST(StatusList, PutsTheFirstMachineIntoTheLowestBits) {
  using enum MachineState;
  const auto list = CompressStatuses({kRevoked, kDrifted, kTrusted, kUnreachable, kRevoked});
  ASSERT_TRUE(list);
  // 1 | 2 << 2 | 0 << 4 | 2 << 6, then 1.
  EXPECT_EQ(Uncompressed(*list), (Bytes{std::byte{0x89}, std::byte{0x01}}));
}

TEST(StatusList, OnlyATrustedMachineIsValid) {
  using enum MachineState;
  for (const MachineState state : {kPending, kApproved, kDrifted, kUnreachable}) {
    EXPECT_EQ(StatusOf(state), 2U) << Name(state);
  }
  EXPECT_EQ(StatusOf(kTrusted), 0U);
  EXPECT_EQ(StatusOf(kRevoked), 1U);
}

TEST(StatusList, OfNobodyIsEmpty) { EXPECT_TRUE(Uncompressed(*CompressStatuses({})).empty()); }

}  // namespace
}  // namespace assay::monitor
