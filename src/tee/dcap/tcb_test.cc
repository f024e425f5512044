#include <gtest/gtest.h>

#include "tee/dcap/tcb_info.h"

namespace assay::dcap {
namespace {

using enum TcbStatus;

TEST(TcbStatus, PartOutOfDateMakesThePlatformSo) {
  EXPECT_EQ(Converge(kUpToDate, kOutOfDate), kOutOfDate);
  EXPECT_EQ(Converge(kSwHardeningNeeded, kOutOfDate), kOutOfDate);
  EXPECT_EQ(Converge(kConfigurationNeeded, kOutOfDate), kOutOfDateConfigurationNeeded);
  EXPECT_EQ(Converge(kConfigurationAndSwHardeningNeeded, kOutOfDate),
            kOutOfDateConfigurationNeeded);
  EXPECT_EQ(Converge(kUpToDate, kUpToDate), kUpToDate);
}

TEST(TcbStatus, RevokedDominates) {
  EXPECT_EQ(Converge(kRevoked, kUpToDate), kRevoked);
  EXPECT_EQ(Converge(kUpToDate, kRevoked), kRevoked);
  EXPECT_EQ(ConvergeRelaunch(kOutOfDate, kRevoked), kRevoked);
}

TEST(TcbStatus, RelaunchIsAdvisedWhenOnlyTheLaunchIsOutOfDate) {
  EXPECT_EQ(ConvergeRelaunch(kOutOfDate, kUpToDate), kTdRelaunchAdvised);
  EXPECT_EQ(ConvergeRelaunch(kOutOfDateConfigurationNeeded, kUpToDate),
            kTdRelaunchAdvisedConfigurationNeeded);
  EXPECT_EQ(ConvergeRelaunch(kOutOfDate, kConfigurationNeeded),
            kTdRelaunchAdvisedConfigurationNeeded);
  EXPECT_EQ(ConvergeRelaunch(kOutOfDate, kOutOfDate), kOutOfDate);
  EXPECT_EQ(ConvergeRelaunch(kUpToDate, kUpToDate), kUpToDate);
}

TEST(TcbStatus, DocumentsCannotStateARelaunch) {
  EXPECT_TRUE(TcbStatusNamed("OutOfDate").has_value());
  EXPECT_FALSE(TcbStatusNamed("TDRelaunchAdvised").has_value());
  EXPECT_FALSE(TcbStatusNamed("uptodate").has_value());
}

TcbLevel Level(std::uint8_t sgx, std::uint8_t tdx, std::uint16_t pce, TcbStatus status) {
  TcbLevel level;
  level.sgx_components.fill(sgx);
  level.tdx_components.emplace().fill(tdx);
  level.pce_svn = pce;
  level.result.status = status;
  return level;
}

Svns All(std::uint8_t svn) {
  Svns out{};
  out.fill(svn);
  return out;
}

TEST(LevelMatching, TakesTheFirstLevelReachedInEveryComponent) {
  TcbInfo info;
  info.levels = {Level(5, 5, 10, kUpToDate), Level(4, 4, 10, kOutOfDate)};
  EXPECT_EQ(MatchPlatformLevel(info, All(5), 10, std::nullopt)->result.status, kUpToDate);
  Svns one_below = All(5);
  one_below[15] = 4;
  EXPECT_EQ(MatchPlatformLevel(info, one_below, 10, std::nullopt)->result.status, kOutOfDate);
  EXPECT_EQ(MatchPlatformLevel(info, All(5), 9, std::nullopt), nullptr);
  EXPECT_EQ(MatchPlatformLevel(info, All(3), 10, std::nullopt), nullptr);
}

TEST(LevelMatching, LeavesTheModulesOwnSvnsToItsIdentity) {
  TcbInfo info;
  info.levels = {Level(5, 5, 10, kUpToDate)};
  Svns tdx = All(5);
  tdx[0] = 1;  // below the level, but with a module identity it does not count
  tdx[1] = 1;
  EXPECT_NE(MatchPlatformLevel(info, All(5), 10, tdx), nullptr);
  tdx[1] = 0;  // module 1.0: component 0 counts again
  EXPECT_EQ(MatchPlatformLevel(info, All(5), 10, tdx), nullptr);
}

TEST(LevelMatching, TdxNeedsLevelsWithTdxComponents) {
  TcbInfo info;
  info.levels = {Level(5, 5, 10, kUpToDate)};
  info.levels[0].tdx_components.reset();
  EXPECT_EQ(MatchPlatformLevel(info, All(5), 10, All(9)), nullptr);
}

}  // namespace
}  // namespace assay::dcap
