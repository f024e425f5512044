#include "tee/vbs/report.h"

#include <gtest/gtest.h>

namespace assay::vbs {
namespace {

void Le32(Bytes& out, std::size_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

void Fill(Bytes& out, std::size_t size, unsigned value) {
  out.resize(out.size() + size, static_cast<std::byte>(value));
}

struct Fields {
  std::size_t package_version = 1, scheme = 1, report_version = 1, module_type = 1;
  std::size_t module_size = 8 + 100 + 8, report_size_off = 0;
};

Bytes ReportBytes(const Fields& fields = {}) {
  Bytes statement;
  Le32(statement, fields.report_version);
  Fill(statement, 64, 1);
  for (const std::size_t size : {32U, 32U, 32U, 16U, 16U}) Fill(statement, size, 2);
  for (const std::size_t number : {7U, 6U, 5U, 2U, 4U, 16U}) Le32(statement, number);
  Le32(statement, fields.module_type);
  Le32(statement, fields.module_size);
  for (const std::size_t size : {32U, 32U, 16U, 16U}) Fill(statement, size, 3);
  Le32(statement, 9);
  for (const char c : {'a', 'b'}) {
    statement.push_back(static_cast<std::byte>(c));
    statement.push_back(std::byte{0});
  }
  Fill(statement, 4, 0);  // its NUL and padding
  Bytes out;
  Le32(out, 24 + 4 + statement.size() + 3);
  Le32(out, fields.package_version);
  Le32(out, fields.scheme);
  Le32(out, 4 + statement.size());
  Le32(out, 3);
  Le32(out, 0);
  Le32(out, 4 + statement.size() + fields.report_size_off);
  Append(out, statement);
  Append(out, AsBytes("sig"));
  return out;
}

TEST(VbsReport, HoldsTheIdentityAndTheModulesOfAnEnclave) {
  const Bytes bytes = ReportBytes();
  const Report report = ParseReport(bytes).value();
  EXPECT_EQ(AsText(report.signature), "sig");
  EXPECT_EQ(report.enclave_data.size(), 64U);
  EXPECT_EQ(report.enclave_svn, 7U);
  EXPECT_EQ(report.platform_svn, 5U);
  EXPECT_EQ(report.enclave_type, 16U);
  EXPECT_TRUE(report.debuggable()) << "flag 2 allows debugging";
  ASSERT_EQ(report.modules.size(), 1U);
  EXPECT_EQ(report.modules[0].name, "ab");
  EXPECT_EQ(report.modules[0].svn, 9U);
}

TEST(VbsReport, RefusesOtherVersionsSchemesAndBlocks) {
  EXPECT_EQ(ParseReport(ReportBytes({.package_version = 2})).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseReport(ReportBytes({.scheme = 2})).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseReport(ReportBytes({.report_version = 2})).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseReport(ReportBytes({.module_type = 0})).error().code, ErrorCode::kUnsupported);
}

TEST(VbsReport, RefusesSizesThatDoNotFit) {
  EXPECT_FALSE(ParseReport(ReportBytes({.module_size = 7})));
  EXPECT_FALSE(ParseReport(ReportBytes({.module_size = 8 + 100 + 9})));
  EXPECT_FALSE(ParseReport(ReportBytes({.report_size_off = 1})));
  const Bytes bytes = ReportBytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseReport(View(bytes).first(size))) << size;
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(ParseReport(longer));
}

TEST(VbsIdentityKey, RefusesSizesThatDoNotFit) {
  const auto key = [](std::size_t bits, std::size_t modulus) {
    Bytes out;
    for (const std::size_t word : {std::size_t{1}, bits, std::size_t{3}, modulus}) Le32(out, word);
    Append(out, Bytes{std::byte{1}, std::byte{0}, std::byte{1}});
    // Odd and of full size: a modulus as far as anybody can tell without factoring it.
    Bytes n(256, std::byte{0xA7});
    Append(out, n);
    return out;
  };
  EXPECT_TRUE(ParseIdentityKey(key(2048, 256)));
  EXPECT_FALSE(ParseIdentityKey(key(2047, 256)));
  EXPECT_FALSE(ParseIdentityKey(key(2048, 255)));
  EXPECT_FALSE(ParseIdentityKey(key(2048, 257)));
}

}  // namespace
}  // namespace assay::vbs
