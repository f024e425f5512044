#include <gtest/gtest.h>

#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "tee/snp/certificate_table.h"
#include "tee/snp/report.h"
#include "tee/snp/scheme.h"
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

// Well-formed and signed by nobody.
Bytes Synthetic(std::uint8_t version = 3) {
  Bytes report(kReportBytes);
  report[0] = std::byte{version};
  report[0x0A] = std::byte{0x03};  // policy: SMT and the bit that must be 1
  report[0x34] = std::byte{1};
  return report;
}

Outcome OutcomeOf(const Trace& trace, std::string_view name) {
  for (const Check& check : trace.checks()) {
    if (check.name == name) return check.outcome;
  }
  ADD_FAILURE() << "no check " << name;
  return Outcome::kFail;
}

Trace FieldsOf(const Bytes& bytes, const Expectations& expectations = {}) {
  Trace trace;
  const auto report = ParseReport(bytes);
  EXPECT_TRUE(report.has_value());
  if (report) CheckFields(*report, expectations, trace);
  return trace;
}

TEST(SnpReport, EveryTruncationIsRefusedAsMalformed) {
  const Bytes report = Synthetic();
  for (std::size_t size = 0; size < report.size(); ++size) {
    const auto parsed = ParseReport(View(report).first(size));
    ASSERT_FALSE(parsed.has_value()) << size;
    EXPECT_EQ(parsed.error().code, ErrorCode::kMalformed) << size;
    EXPECT_FALSE(kSnpScheme.recognises(View(report).first(size))) << size;
  }
}

TEST(SnpReport, OnlyVersionsTwoToFiveAreSupported) {
  for (unsigned version = 0; version < 256; ++version) {
    const auto parsed = ParseReport(Synthetic(static_cast<std::uint8_t>(version)));
    const bool supported = version >= 2 && version <= 5;
    EXPECT_EQ(parsed.has_value(), supported) << version;
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, ErrorCode::kUnsupported);
    }
  }
}

TEST(SnpReport, PolicyBitSeventeenMustBeOne) {
  Bytes report = Synthetic();
  report[0x0A] = std::byte{0x01};
  EXPECT_FALSE(ParseReport(report).has_value());
  EXPECT_FALSE(kSnpScheme.recognises(report));
}

TEST(SnpReport, ZeroPaddingUpToTheResponseBufferIsAccepted) {
  Bytes report = Synthetic();
  report.resize(kPaddedReportBytes);
  EXPECT_TRUE(ParseReport(report).has_value());
  report.back() = std::byte{1};
  EXPECT_FALSE(ParseReport(report).has_value());
  report.back() = std::byte{0};
  report.resize(kPaddedReportBytes + 1);
  EXPECT_FALSE(ParseReport(report).has_value());
}

TEST(SnpReport, AnIntelQuoteIsNotRecognised) {
  Bytes quote = Synthetic();
  quote[2] = std::byte{2};  // u16 version 3, u16 attestation key type 2
  EXPECT_FALSE(kSnpScheme.recognises(quote));
}

TEST(SnpReport, ReservedBytesAreRefusedAlsoBehindTheSignature) {
  for (const std::size_t offset : {0x4CU, 0x18BU, 0x1EBU, 0x1EFU, 0x1F8U, 0x208U, 0x330U, 0x49FU}) {
    Bytes report = Synthetic();
    report[offset] = std::byte{1};
    EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.reserved"), Outcome::kFail) << offset;
  }
  EXPECT_EQ(OutcomeOf(FieldsOf(Synthetic()), "report.reserved"), Outcome::kPass);
}

TEST(SnpReport, MitigationVectorsAreReadFromVersionFive) {
  Bytes report = Synthetic(5);
  report[0x1F8] = std::byte{7};
  report[0x200] = std::byte{9};
  const auto parsed = ParseReport(report);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->launch_mit_vector, 7U);
  EXPECT_EQ(parsed->current_mit_vector, 9U);
  EXPECT_TRUE(parsed->reserved_not_zero.empty());
}

TEST(SnpPolicy, DebugFailsUnlessItIsAllowed) {
  Bytes report = Synthetic();
  report[0x0A] = std::byte{0x0B};
  EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.policy.debug"), Outcome::kFail);
  Expectations expectations;
  expectations.allow_debug = true;
  EXPECT_EQ(OutcomeOf(FieldsOf(report, expectations), "report.policy.debug"), Outcome::kWarn);
}

TEST(SnpPolicy, AMigrationAgentIsWarnedOf) {
  Bytes report = Synthetic();
  report[0x0A] = std::byte{0x07};
  EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.policy.migration"), Outcome::kWarn);
}

TEST(SnpReportData, APrefixMatchesOnlyIfTheRestIsZero) {
  Bytes report = Synthetic();
  report[0x50] = std::byte{0xAA};
  Expectations expectations;
  expectations.report_data = Bytes{std::byte{0xAA}};
  EXPECT_EQ(OutcomeOf(FieldsOf(report, expectations), "report.report_data"), Outcome::kPass);
  report[0x8F] = std::byte{1};
  EXPECT_EQ(OutcomeOf(FieldsOf(report, expectations), "report.report_data"), Outcome::kFail);
  expectations.report_data = Bytes(65);
  EXPECT_EQ(OutcomeOf(FieldsOf(Synthetic(), expectations), "report.report_data"), Outcome::kFail);
}

TEST(SnpTcb, ReportedIsAtMostCommittedIsAtMostCurrent) {
  Bytes report = Synthetic();
  report[0x1E7] = std::byte{2};
  EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.tcb.committed"), Outcome::kFail);
  report[0x3F] = std::byte{2};
  report[0x187] = std::byte{3};
  EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.tcb.committed"), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(FieldsOf(report), "report.tcb.reported"), Outcome::kFail);
}

TEST(SnpTcb, TurinHasALayoutOfItsOwn) {
  TcbVersion tcb{};
  for (std::size_t i = 0; i < tcb.size(); ++i) tcb[i] = static_cast<std::byte>(i + 1);
  const TcbParts turin = DecodeTcb(tcb, Product::kTurin);
  EXPECT_EQ(turin, (TcbParts{.fmc = 1, .bootloader = 2, .tee = 3, .snp = 4, .microcode = 8}));
  const TcbParts milan = DecodeTcb(tcb, Product::kMilan);
  EXPECT_EQ(milan,
            (TcbParts{.fmc = std::nullopt, .bootloader = 1, .tee = 2, .snp = 7, .microcode = 8}));
}

TEST(SnpTcb, ProductNamesMayCarryAStepping) {
  EXPECT_EQ(ProductFromName("Milan-B0"), Product::kMilan);
  EXPECT_EQ(ProductFromName("Milano"), std::nullopt);
  EXPECT_EQ(ProductFromCpuid(0x19, 0xA0), Product::kGenoa);
  EXPECT_EQ(ProductFromCpuid(0x17, 0x01), std::nullopt);
}

TEST(SnpReport, WithoutCollateralOrASigningKeyItIsRefused) {
  const Collateral nothing;
  const Expectations expectations;
  for (const unsigned flags : {0x00U, 0x04U, 0x08U, 0x1CU}) {
    Bytes report = Synthetic();
    report[0x48] = static_cast<std::byte>(flags);
    VerifyCache cache;
    Trace trace;
    const VerifyInput input{nothing, DefaultRoots(), expectations, Time{}, cache};
    const auto parsed = kSnpScheme.parse(report);
    ASSERT_TRUE(parsed.has_value());
    kSnpScheme.check(**parsed, input, trace);
    EXPECT_TRUE(trace.failed());
    EXPECT_EQ(OutcomeOf(trace, flags > 4 ? "report.signing_key" : "leaf.found"), Outcome::kFail);
    EXPECT_FALSE(kSnpScheme.meaning(**parsed, trace).does_not_prove.empty());
  }
}

TEST(SnpCertificateTable, AnUnterminatedOrLyingTableIsRefused) {
  EXPECT_FALSE(ParseCertificateTable({}).has_value());
  EXPECT_TRUE(ParseCertificateTable(Bytes(24)).has_value());
  const Bytes unknown(24 * 40, std::byte{1});  // never ends
  EXPECT_FALSE(ParseCertificateTable(unknown).has_value());
  Bytes lying(48);
  const ByteArray<4> ark = {std::byte{0xc0}, std::byte{0xb4}, std::byte{0x06}, std::byte{0xa4}};
  std::copy(ark.begin(), ark.end(), lying.begin());
  lying[19] = std::byte{0xFF};
  EXPECT_TRUE(ParseCertificateTable(lying).has_value()) << "an unknown kind is passed over";
  const ByteArray<16> guid = {std::byte{0xc0}, std::byte{0xb4}, std::byte{0x06}, std::byte{0xa4},
                              std::byte{0xa8}, std::byte{0x03}, std::byte{0x49}, std::byte{0x52},
                              std::byte{0x97}, std::byte{0x43}, std::byte{0x3f}, std::byte{0xb6},
                              std::byte{0x01}, std::byte{0x4c}, std::byte{0xd0}, std::byte{0xae}};
  std::copy(guid.begin(), guid.end(), lying.begin());
  EXPECT_FALSE(ParseCertificateTable(lying).has_value()) << "its offset lies outside";
}

}  // namespace
}  // namespace assay::snp
