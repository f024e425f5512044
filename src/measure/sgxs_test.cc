#include "measure/sgxs.h"

#include <gtest/gtest.h>

#include "measure/testing.h"

namespace assay::measure {
namespace {

using testing::Le;

constexpr std::uint64_t kReadWrite = 0x203, kTcsPage = 0x100;

Bytes SgxsRecord(std::string_view tag, std::uint64_t offset, std::uint64_t flags = 0) {
  Bytes out = ToBytes(AsBytes(tag));
  out.resize(8);
  Le(out, offset, 8);
  Le(out, flags, 8);
  out.resize(64);
  return out;
}

Bytes EcreateRecord(std::uint32_t frame, std::uint64_t size) {
  Bytes out = ToBytes(AsBytes("ECREATE"));
  out.resize(8);
  Le(out, frame, 4);
  Le(out, size, 8);
  out.resize(64);
  return out;
}

Bytes PieceRecord(std::string_view tag, std::uint64_t offset) {
  Bytes out = SgxsRecord(tag, offset);
  out.resize(64 + 256, static_cast<std::byte>(offset >> 8U));
  return out;
}

Bytes JoinedRecords(const std::vector<Bytes>& records) {
  Bytes out;
  for (const Bytes& record : records) Append(out, record);
  return out;
}

// A TCS whose content counts wholly, a page with one measured piece and one that is not.
std::vector<Bytes> GoodStream() {
  std::vector<Bytes> out = {EcreateRecord(1, 0x4000), SgxsRecord("EADD", 0x0, kTcsPage)};
  for (std::uint64_t at = 0; at < 0x1000; at += 256) out.push_back(PieceRecord("EEXTEND", at));
  out.push_back(SgxsRecord("EADD", 0x2000, kReadWrite));
  out.push_back(PieceRecord("EEXTEND", 0x2000));
  out.push_back(PieceRecord("UNMEASRD", 0x2F00));
  return out;
}

TEST(Sgxs, MrEnclaveIsTheDigestOfTheMeasuredRecords) {
  std::vector<Bytes> records = GoodStream();
  const SgxsMeasurement found = MeasureSgxs(JoinedRecords(records)).value();
  records.pop_back();
  EXPECT_EQ(found.mrenclave, Sha256(JoinedRecords(records)));
  EXPECT_EQ(found.size, 0x4000U);
  EXPECT_EQ(found.pages, 2U);
  EXPECT_EQ(found.measured_bytes, 4096U + 256U);
}

TEST(Sgxs, EachMeasuredByteCountsAndNoOther) {
  const Bytes good = JoinedRecords(GoodStream());
  const Sha256Digest mrenclave = MeasureSgxs(good)->mrenclave;
  Bytes stream = good;
  stream[128 + 64] ^= std::byte{1};  // content of the first page
  EXPECT_NE(MeasureSgxs(stream)->mrenclave, mrenclave);
  stream = good;
  stream.back() ^= std::byte{1};  // content that is not measured
  EXPECT_EQ(MeasureSgxs(stream)->mrenclave, mrenclave);
}

std::string StreamRefusal(const std::vector<Bytes>& records) {
  const auto found = MeasureSgxs(JoinedRecords(records));
  return found ? "taken" : found.error().message;
}

TEST(Sgxs, RefusesEachFaultOfTheEnclave) {
  const std::vector<Bytes> good = GoodStream();
  struct Fault {
    Bytes ecreate;
    std::string reason;
  };
  Bytes not_zero = EcreateRecord(1, 0x4000);
  not_zero[20] = std::byte{1};
  for (const Fault& fault : std::vector<Fault>{
           {EcreateRecord(0, 0x4000), "SSAFRAMESIZE is 0"},
           {EcreateRecord(1, 0x5000), "a power of two"},
           {EcreateRecord(1, 0x1000), "a power of two"},
           {EcreateRecord(1, 0x2000), "a page at 0x2000 of an enclave"},
           {not_zero, "expected zeros"},
           {SgxsRecord("UNSIZED", 0), "not filled in"},
           {SgxsRecord("EADD", 0, kTcsPage), "expected ECREATE"},
       }) {
    std::vector<Bytes> records = good;
    records[0] = fault.ecreate;
    EXPECT_NE(StreamRefusal(records).find(fault.reason), std::string::npos)
        << fault.reason << ": " << StreamRefusal(records);
  }
}

TEST(Sgxs, RefusesEachFaultOfARecord) {
  Bytes eadd_not_zero = SgxsRecord("EADD", 0x3000, kReadWrite);
  eadd_not_zero[63] = std::byte{1};
  Bytes piece_not_zero = PieceRecord("EEXTEND", 0x2100);
  piece_not_zero[16] = std::byte{1};
  Bytes cut = PieceRecord("EEXTEND", 0x2100);
  cut.pop_back();
  struct Fault {
    Bytes last;
    std::string reason;
  };
  for (const Fault& fault : std::vector<Fault>{
           {EcreateRecord(1, 0x4000), "expected EADD, EEXTEND or UNMEASRD"},
           {SgxsRecord("EADD", 0x3001, kReadWrite), "a page at 0x3001"},
           {SgxsRecord("EADD", 0x4000, kReadWrite), "a page at 0x4000"},
           {SgxsRecord("EADD", 0x2000, kReadWrite), "follows that at"},
           {SgxsRecord("EADD", 0x1000, kReadWrite), "follows that at"},
           {SgxsRecord("EADD", 0x3000, 0x202), "SECINFO.FLAGS"},       // written, not read
           {SgxsRecord("EADD", 0x3000, 0x20B), "SECINFO.FLAGS"},       // PENDING
           {SgxsRecord("EADD", 0x3000, 0x101), "SECINFO.FLAGS"},       // a TCS that is read
           {SgxsRecord("EADD", 0x3000, 0x003), "SECINFO.FLAGS"},       // a SECS
           {SgxsRecord("EADD", 0x3000, 0x10000203), "SECINFO.FLAGS"},  // reserved bits
           {eadd_not_zero, "expected zeros"},
           {piece_not_zero, "expected zeros"},
           {PieceRecord("EEXTEND", 0x2101), "is not of the page before it"},
           {PieceRecord("EEXTEND", 0x1F00), "is not of the page before it"},
           {PieceRecord("EEXTEND", 0x3000), "is not of the page before it"},
           {PieceRecord("EEXTEND", 0x2000), "twice"},
           {PieceRecord("UNMEASRD", 0x2000), "twice"},
           {cut, "content"},
           {Bytes(1), "a record"},
       }) {
    std::vector<Bytes> records = GoodStream();
    records.push_back(fault.last);
    EXPECT_NE(StreamRefusal(records).find(fault.reason), std::string::npos)
        << fault.reason << ": " << StreamRefusal(records);
  }
  EXPECT_NE(StreamRefusal({EcreateRecord(1, 0x4000), PieceRecord("EEXTEND", 0)})
                .find("is not of the page before it"),
            std::string::npos);
}

TEST(Sgxs, IsKnownByItsFirstRecord) {
  EXPECT_TRUE(LooksLikeSgxs(EcreateRecord(1, 0x4000)));
  EXPECT_TRUE(LooksLikeSgxs(SgxsRecord("UNSIZED", 0)));
  EXPECT_FALSE(LooksLikeSgxs(SgxsRecord("EADD", 0)));
  EXPECT_FALSE(LooksLikeSgxs({}));
}

}  // namespace
}  // namespace assay::measure
