#include "evidence/advice.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Advice, SpeaksToTheFault) {
  EXPECT_NE(AdviceFor("pck_crl.dates").find("--at"), std::string_view::npos);
  EXPECT_NE(AdviceFor("pck_crl.present").find("--allow-missing-crl"), std::string_view::npos);
  EXPECT_NE(AdviceFor("report.policy.debug").find("--allow-debug"), std::string_view::npos);
  EXPECT_NE(AdviceFor("tcb_info.present").find("collateral fetch"), std::string_view::npos);
  EXPECT_EQ(AdviceFor("root_crl.revoked"), AdviceFor("pck.revoked"));
}

TEST(Advice, NeverSuggestsToWaiveWhatFailed) {
  for (const char* name : {"pck.revoked", "root_crl.signature", "root_crl.dates", "root.pinned",
                           "intermediate_crl.signature", "leaf.revoked"}) {
    EXPECT_EQ(AdviceFor(name).find("--allow"), std::string_view::npos) << name;
  }
}

TEST(Advice, IsSilentWhereNothingCanBeDone) { EXPECT_TRUE(AdviceFor("report.vmpl").empty()); }

}  // namespace
}  // namespace assay
