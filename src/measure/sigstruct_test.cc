#include "measure/sigstruct.h"

#include <gtest/gtest.h>

#include "measure/sigstruct_testing.h"

namespace assay::measure {
namespace {

using testing::MakeSigstruct;
using testing::Put;
using testing::SignSigstruct;

const Sha256Digest kEnclaveHash = Sha256(AsBytes("an enclave"));

TEST(Sigstruct, TellsWhatItsSignerStates) {
  const Bytes bytes = MakeSigstruct(kEnclaveHash);
  const Sigstruct found = ReadSigstruct(bytes).value();
  EXPECT_EQ(found.mrenclave, kEnclaveHash);
  EXPECT_EQ(found.mrsigner, Sha256(View(bytes).subspan(128, 384)));
  EXPECT_EQ(found.isv_prod_id, 7);
  EXPECT_EQ(found.isv_svn, 3);
  EXPECT_EQ(found.attributes, 4U);
  EXPECT_EQ(found.date, 0x20261126U);
}

TEST(Sigstruct, AllowsDebugUnlessItsMaskForbids) {
  Bytes bytes = MakeSigstruct(kEnclaveHash);
  EXPECT_FALSE(ReadSigstruct(bytes)->AllowsDebug());
  Put(bytes, 944, ~2ULL, 8);  // DEBUG is not enforced
  SignSigstruct(bytes);
  EXPECT_TRUE(ReadSigstruct(bytes)->AllowsDebug());
  Put(bytes, 944, ~0ULL, 8);  // it is, and must be set
  Put(bytes, 928, 6, 8);
  SignSigstruct(bytes);
  EXPECT_TRUE(ReadSigstruct(bytes)->AllowsDebug());
}

std::string RefusalOf(View bytes) {
  const auto found = ReadSigstruct(bytes);
  return found ? "taken" : found.error().message;
}

// Every signed byte and the signature itself; the fields are in order, so nothing else refuses it.
TEST(Sigstruct, RefusesAnyChangeOfWhatIsSigned) {
  const Bytes good = MakeSigstruct(kEnclaveHash);
  for (const std::size_t at : {20U, 40U, 128U, 516U, 899U, 900U, 904U, 912U, 928U, 944U, 960U, 991U,
                               1008U, 1024U, 1026U}) {
    Bytes bytes = good;
    bytes[at] ^= std::byte{1};
    EXPECT_NE(RefusalOf(bytes).find("its signature"), std::string::npos) << at;
  }
}

// Signed again, so only the field itself is wrong.
TEST(Sigstruct, RefusesEachFieldThatEinitRefuses) {
  struct Fault {
    std::size_t at;
    std::string reason;
  };
  for (const Fault& fault : std::vector<Fault>{
           {0, "HEADER"},
           {15, "HEADER"},
           {16, "VENDOR"},
           {24, "HEADER2"},
           {44, "84 zeros"},
           {512, "EXPONENT"},
           {908, "4 zeros"},
           {992, "16 zeros"},
           {1028, "12 zeros"},
       }) {
    Bytes bytes = MakeSigstruct(kEnclaveHash);
    bytes[fault.at] ^= std::byte{1};
    SignSigstruct(bytes);
    EXPECT_NE(RefusalOf(bytes).find(fault.reason), std::string::npos)
        << fault.at << ": " << RefusalOf(bytes);
  }
}

TEST(Sigstruct, TakesIntelAsVendor) {
  Bytes bytes = MakeSigstruct(kEnclaveHash);
  Put(bytes, 16, 0x8086, 4);
  SignSigstruct(bytes);
  EXPECT_EQ(RefusalOf(bytes), "taken");
}

TEST(Sigstruct, HasOneSize) {
  Bytes bytes = MakeSigstruct(kEnclaveHash);
  EXPECT_NE(RefusalOf(View(bytes).first(1807)).find("1808 bytes"), std::string::npos);
  bytes.push_back(std::byte{0});
  EXPECT_NE(RefusalOf(bytes).find("1808 bytes"), std::string::npos);
}

}  // namespace
}  // namespace assay::measure
