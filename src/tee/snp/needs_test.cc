#include <gtest/gtest.h>

#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

Report ReportOf(std::uint32_t version, std::uint8_t family, std::uint8_t model) {
  Report report;
  report.version = version;
  report.cpuid_family = family;
  report.cpuid_model = model;
  for (std::size_t i = 0; i < report.reported_tcb.size(); ++i) {
    report.reported_tcb[i] = static_cast<std::byte>(i + 1);
  }
  report.chip_id.fill(std::byte{0xab});
  return report;
}

AmdNeed Need(const Report& report) { return std::get<AmdNeed>(NeedsOf(report)); }

using Names = std::vector<std::string>;

TEST(SnpNeeds, ProductIsThatOfTheProcessorWhereTheReportNamesIt) {
  EXPECT_EQ(Need(ReportOf(3, 0x19, 0x01)).products, Names{"Milan"});
  EXPECT_EQ(Need(ReportOf(5, 0x19, 0xA0)).products, Names{"Genoa"});
  EXPECT_EQ(Need(ReportOf(5, 0x1A, 0x02)).products, Names{"Turin"});
}

TEST(SnpNeeds, VersionTwoMayBeMilanOrGenoa) {
  EXPECT_EQ(Need(ReportOf(2, 0, 0)).products, (Names{"Milan", "Genoa"}));
}

TEST(SnpNeeds, UnknownModelBelongsToItsFamily) {
  EXPECT_EQ(Need(ReportOf(5, 0x1A, 0x50)).products, Names{"Turin"});
  EXPECT_EQ(Need(ReportOf(5, 0x19, 0x77)).products, (Names{"Milan", "Genoa"}));
}

TEST(SnpNeeds, LevelsAreReadByTheLayoutOfTheProduct) {
  EXPECT_EQ(Need(ReportOf(3, 0x19, 0x11)).spls, (AmdSpls{1, 2, 7, 8, std::nullopt}));
  EXPECT_EQ(Need(ReportOf(5, 0x1A, 0x02)).spls, (AmdSpls{2, 3, 4, 8, 1}));
}

TEST(SnpNeeds, SigningKeySaysWhetherThereIsAVcekToFetch) {
  Report report = ReportOf(3, 0x19, 0x01);
  EXPECT_FALSE(Need(report).vlek);
  report.key_flags = 1U << 2U;
  EXPECT_TRUE(Need(report).vlek);
  report.key_flags = 7U << 2U;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(NeedsOf(report)));
}

TEST(SnpNeeds, KeyTellsChipsApartButNotTheLeavesThatCameAlong) {
  AmdNeed one = Need(ReportOf(3, 0x19, 0x01)), other = one;
  other.chip_id[63] = std::byte{0};
  EXPECT_NE(KeyOf(one), KeyOf(other));
  one.has_leaf = other.has_leaf = true;
  EXPECT_EQ(KeyOf(one), KeyOf(other));
}

}  // namespace
}  // namespace assay::snp
