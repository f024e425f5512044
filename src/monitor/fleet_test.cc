#include "monitor/fleet.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "store/memory_store.h"

namespace assay::monitor {
namespace {

constexpr Time kEnrolled{std::chrono::seconds{1'800'000'000}};

NewMachine Numbered(int number, std::string vouched_by = "ab12") {
  NewMachine out;
  out.ak_name = Bytes(34, static_cast<std::byte>(number));
  out.route = "ek-certificate";
  out.vouched_by = std::move(vouched_by);
  return out;
}

class FleetTest : public testing::Test {
 protected:
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  Fleet fleet_{*store_, "shared", {}};
};

TEST_F(FleetTest, GivesEachMachineItsPlaceInTheStatusList) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(fleet_.Enrol(Numbered(i), kEnrolled)->index, std::uint64_t(i));
  EXPECT_EQ(fleet_.Inspect(kEnrolled, kEnrolled)->states.size(), 3U);
}

TEST_F(FleetTest, EnrollingAgainChangesNothing) {
  const std::string id = fleet_.Enrol(Numbered(1), kEnrolled)->id;
  ASSERT_TRUE(fleet_.Approve(id, "", kEnrolled));
  const auto again = fleet_.Enrol(Numbered(1), kEnrolled);
  EXPECT_EQ(again->state, MachineState::kApproved);
  EXPECT_EQ(fleet_.machines().History(id)->size(), 2U);
}

TEST_F(FleetTest, ApprovesAtOnceOnlyWhomACertificateProves) {
  FleetOptions options;
  options.approve_at_once = true;
  Fleet open(*store_, "open", options);
  EXPECT_EQ(open.Enrol(Numbered(1), kEnrolled)->state, MachineState::kApproved);
  EXPECT_EQ(open.Enrol(Numbered(2, ""), kEnrolled)->state, MachineState::kPending);
}

TEST_F(FleetTest, RevocationIsForGood) {
  const std::string id = fleet_.Enrol(Numbered(1), kEnrolled)->id;
  ASSERT_TRUE(fleet_.Revoke(id, "sold", kEnrolled));
  EXPECT_EQ(fleet_.Approve(id, "", kEnrolled).error().code, ErrorCode::kConflict);
  EXPECT_EQ(fleet_.Enrol(Numbered(1), kEnrolled).error().code, ErrorCode::kConflict);
  EXPECT_EQ(fleet_.Record(id, {}, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(fleet_.machines().History(id)->front().text, "sold");
}

TEST_F(FleetTest, AMachineOfADeletedReleaseIsNotHeldToNothing) {
  ASSERT_TRUE(
      fleet_.releases().Set(ReleaseFromJson(R"({"release":"one","pcrs":{"sha256":{}}})").value()));
  const std::string id = fleet_.Enrol(Numbered(1), kEnrolled)->id;
  ASSERT_TRUE(fleet_.Approve(id, "one", kEnrolled));
  ASSERT_TRUE(fleet_.releases().Delete("one"));
  EXPECT_EQ(fleet_.Record(id, {}, {}).error().code, ErrorCode::kMissing);
  EXPECT_EQ(fleet_.Approve(id, "one", kEnrolled).error().code, ErrorCode::kMissing);
}

TEST_F(FleetTest, ForgettingOneLeavesTheOthers) {
  Fleet other(*store_, "shared2", {});
  const std::string id = fleet_.Enrol(Numbered(1), kEnrolled)->id;
  ASSERT_TRUE(other.Enrol(Numbered(1), kEnrolled));
  ASSERT_TRUE(fleet_.Forget());
  EXPECT_EQ(fleet_.Get(id).error().code, ErrorCode::kMissing);
  EXPECT_TRUE(fleet_.machines().History(id)->empty());
  EXPECT_TRUE(other.Get(id));
  EXPECT_EQ(fleet_.Enrol(Numbered(2), kEnrolled)->index, 0U);
}

TEST_F(FleetTest, TellsOfEachLineOfAHistory) {
  std::vector<std::string> told;
  FleetOptions options;
  options.on_change = [&told](const Change& change) { told.push_back(change.event.what); };
  Fleet fleet(*store_, "told", options);
  const std::string id = fleet.Enrol(Numbered(1), kEnrolled)->id;
  ASSERT_TRUE(fleet.Approve(id, "", kEnrolled));
  ASSERT_TRUE(fleet.Revoke(id, "", kEnrolled));
  EXPECT_EQ(told, (std::vector<std::string>{"enrolled", "approved", "revoked"}));
}

}  // namespace
}  // namespace assay::monitor
