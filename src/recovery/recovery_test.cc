#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "recovery/recovery_book.h"
#include "store/memory_store.h"
#include "token/testing.h"

namespace assay::recovery {
namespace {

using keys::FaultKind;

constexpr Time kAsked = Time{std::chrono::seconds{1'800'000'000}};

struct Person {
  std::string name;
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();

  // Over any text, under any header.
  std::string Sign(std::string_view text, std::string_view type = kApprovalType) const {
    return token_testing::Signed(
        key, R"({"alg":"ES256","kid":")" + name + R"(","typ":")" + std::string(type) + R"("})",
        text);
  }
};

std::string FileOf(const std::vector<Person>& people, int threshold) {
  json::Array officers;
  for (const Person& one : people) {
    officers.emplace_back(
        json::Object{{"name", one.name}, {"key", token_testing::Jwk(one.key, "")}});
  }
  return json::Write(json::Object{{"threshold", threshold}, {"officers", std::move(officers)}});
}

class RecoveryTest : public testing::Test {
 protected:
  Recovery Asked() {
    Recovery out;
    out.vault = "vault-1";
    out.key = "disk";
    out.version = "v1";
    out.to = "ab12";
    out.to_jwk = json::Value(json::Object{{"kty", "RSA"}});
    out.reason = "the board was replaced";
    out.requested_by = "operator";
    return book_.Request(std::move(out), kAsked).value();
  }
  keys::Outcome<Recovery> Approve(const Recovery& recovery, const Person& by) {
    return book_.Approve(recovery.id, officers_, by.Sign(StatementOf(recovery)), kAsked);
  }
  FaultKind KindOf(const keys::Outcome<Recovery>& outcome) {
    EXPECT_FALSE(outcome);
    return outcome ? FaultKind::kInternal : outcome.error().kind;
  }

  std::vector<Person> people_ = {{"alice"}, {"bob"}, {"carol"}};
  Officers officers_ = ParseOfficers(FileOf(people_, 2)).value();
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  RecoveryBook book_{*store_};
};

TEST_F(RecoveryTest, IsCompletedOnceByAsManyOfficersAsItTakes) {
  const Recovery asked = Asked();
  EXPECT_EQ(KindOf(book_.Complete(asked.id, officers_, "operator", kAsked)), FaultKind::kForbidden);
  ASSERT_TRUE(Approve(asked, people_[0]));
  EXPECT_EQ(KindOf(book_.Complete(asked.id, officers_, "operator", kAsked)), FaultKind::kForbidden);
  ASSERT_TRUE(Approve(asked, people_[2]));
  const auto done = book_.Complete(asked.id, officers_, "operator", kAsked);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->state, RecoveryState::kCompleted);
  EXPECT_EQ(KindOf(book_.Complete(asked.id, officers_, "operator", kAsked)), FaultKind::kExists);
  // What happened stays, with the approvals themselves.
  const Recovery kept = book_.Find(asked.id).value();
  EXPECT_EQ(kept.completed_by, "operator");
  ASSERT_EQ(kept.approvals.size(), 2U);
  EXPECT_TRUE(CheckApproval(kept, officers_, kept.approvals.front().jws));
}

TEST_F(RecoveryTest, OneOfficerCountsOnce) {
  const Recovery asked = Asked();
  ASSERT_TRUE(Approve(asked, people_[0]));
  EXPECT_EQ(KindOf(Approve(asked, people_[0])), FaultKind::kExists);
  EXPECT_EQ(CountApprovals(book_.Find(asked.id).value(), officers_), 1U);
}

TEST_F(RecoveryTest, AnApprovalIsForJustThatRecovery) {
  const Recovery asked = Asked(), other = Asked();
  const std::string approval = people_[0].Sign(StatementOf(other));
  EXPECT_EQ(KindOf(book_.Approve(asked.id, officers_, approval, kAsked)), FaultKind::kForbidden);
  EXPECT_TRUE(book_.Approve(other.id, officers_, approval, kAsked));
}

TEST_F(RecoveryTest, EveryPartOfWhatWasAskedIsApproved) {
  const Recovery asked = Asked();
  const std::string approval = people_[0].Sign(StatementOf(asked));
  ASSERT_TRUE(CheckApproval(asked, officers_, approval));
  for (std::string Recovery::*const part :
       {&Recovery::id, &Recovery::vault, &Recovery::key, &Recovery::version, &Recovery::to,
        &Recovery::reason, &Recovery::requested_by}) {
    Recovery changed = asked;
    changed.*part += "x";
    EXPECT_FALSE(CheckApproval(changed, officers_, approval)) << StatementOf(changed);
  }
  for (Time Recovery::*const part : {&Recovery::requested, &Recovery::expires}) {
    Recovery changed = asked;
    changed.*part += std::chrono::seconds(1);
    EXPECT_FALSE(CheckApproval(changed, officers_, approval)) << StatementOf(changed);
  }
}

TEST_F(RecoveryTest, OthersCannotApprove) {
  const Recovery asked = Asked();
  const Person stranger{"mallory"};
  EXPECT_EQ(KindOf(Approve(asked, stranger)), FaultKind::kForbidden);
  const Person impostor{"alice"};
  const auto refused = Approve(asked, impostor);
  EXPECT_EQ(KindOf(refused), FaultKind::kForbidden);
  EXPECT_NE(refused.error().message.find("not signed by alice"), std::string::npos);
}

TEST_F(RecoveryTest, ASignatureOfAnotherKindIsNoApproval) {
  const Recovery asked = Asked();
  const std::string token = people_[0].Sign(StatementOf(asked), "JWT");
  EXPECT_EQ(KindOf(book_.Approve(asked.id, officers_, token, kAsked)), FaultKind::kForbidden);
  EXPECT_EQ(KindOf(book_.Approve(asked.id, officers_, "no.jws", kAsked)), FaultKind::kBadParameter);
}

TEST_F(RecoveryTest, EndsByItself) {
  const Recovery asked = Asked();
  ASSERT_TRUE(Approve(asked, people_[0]));
  ASSERT_TRUE(Approve(asked, people_[1]));
  const std::string late = people_[2].Sign(StatementOf(asked));
  EXPECT_EQ(KindOf(book_.Approve(asked.id, officers_, late, asked.expires)), FaultKind::kExpired);
  EXPECT_EQ(KindOf(book_.Complete(asked.id, officers_, "", asked.expires)), FaultKind::kExpired);
  EXPECT_TRUE(book_.Complete(asked.id, officers_, "", asked.expires - std::chrono::seconds(1)));
}

TEST_F(RecoveryTest, WhoIsNoOfficerAnyMoreDoesNotCount) {
  const Recovery asked = Asked();
  ASSERT_TRUE(Approve(asked, people_[0]));
  ASSERT_TRUE(Approve(asked, people_[1]));
  const Officers now = ParseOfficers(FileOf({people_[0], people_[2]}, 2)).value();
  EXPECT_EQ(KindOf(book_.Complete(asked.id, now, "", kAsked)), FaultKind::kForbidden);
}

TEST_F(RecoveryTest, ApprovalsThatComeTogetherAllCountAndTheKeyLeavesOnce) {
  const Recovery asked = Asked();
  std::vector<std::thread> threads;
  for (const Person& one : people_) threads.emplace_back([&] { EXPECT_TRUE(Approve(asked, one)); });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(book_.Find(asked.id)->approvals.size(), 3U);
  std::atomic<int> completed{0};
  threads.clear();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&] { completed += book_.Complete(asked.id, officers_, "", kAsked).has_value() ? 1 : 0; });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(completed, 1);
}

TEST_F(RecoveryTest, AreListedAndUnknownOnesAreNamed) {
  std::set<std::string> ids = {Asked().id, Asked().id, Asked().id};
  std::set<std::string> listed;
  std::string after;
  for (int i = 0; i < 3; ++i) {
    const auto page = book_.List(after, 1).value();
    ASSERT_EQ(page.size(), 1U);
    listed.insert(after = page.front().id);
  }
  EXPECT_EQ(listed, ids);
  EXPECT_TRUE(book_.List(after, 1)->empty());
  EXPECT_EQ(KindOf(book_.Find(std::string(32, 'a'))), FaultKind::kNotFound);
  EXPECT_EQ(KindOf(book_.Find("../x")), FaultKind::kBadParameter);
}

TEST(OfficersFile, RefusesFewerThanTwoPeople) {
  const std::vector<Person> people = {{"alice"}, {"bob"}};
  EXPECT_TRUE(ParseOfficers(FileOf(people, 2)));
  for (const int threshold : {-1, 0, 1, 3}) EXPECT_FALSE(ParseOfficers(FileOf(people, threshold)));
  Person twin = people[0];
  EXPECT_FALSE(ParseOfficers(FileOf({people[0], twin}, 2)));
  twin.name = "eve";
  EXPECT_NE(ParseOfficers(FileOf({people[0], twin}, 2)).error().message.find("one key"),
            std::string::npos);
  Person nameless = people[1];
  nameless.name = "";
  EXPECT_FALSE(ParseOfficers(FileOf({people[0], nameless}, 2)));
}

}  // namespace
}  // namespace assay::recovery
