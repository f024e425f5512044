// Recorded requests: bounded, of one provider, in their order.
#include "provider/evidence_book.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "store/memory_store.h"

namespace assay {
namespace {

const Time kNow = FromUnixSeconds(1'800'000'000);
constexpr std::chrono::hours kDay{24};
constexpr auto kSgx = policy::AttestationType::kSgxEnclave;

Provider Of(std::string id) { return {"team-a", std::move(id), TrustModel::kAad, kNow, 7}; }

std::string Bodies(EvidenceBook& book, const Provider& provider, Time from, Time now) {
  std::string out;
  EXPECT_TRUE(book.Visit(provider, from, now, [&out](const RecordedRequest& one) -> Result<void> {
    out += one.body + " ";
    return {};
  }));
  return out;
}

TEST(EvidenceBook, GivesBackWhatOneProviderRecorded) {
  const auto store = store::NewMemoryStore();
  EvidenceBook book(*store);
  for (const char* body : {"1", "2", "3"}) ASSERT_TRUE(book.Record(Of("aa"), {kSgx, body, kNow}));
  ASSERT_TRUE(book.Record(Of("ab"), {kSgx, "other", kNow}));
  EXPECT_EQ(Bodies(book, Of("aa"), kNow, kNow), "1 2 3 ");
  EXPECT_EQ(Bodies(book, Of("ab"), kNow, kNow), "other ");
  ASSERT_TRUE(book.Forget(Of("aa")));
  EXPECT_EQ(Bodies(book, Of("aa"), kNow, kNow), "");
  EXPECT_EQ(Bodies(book, Of("ab"), kNow, kNow), "other ");
}

TEST(EvidenceBook, KeepsNothingLongerThanTheProviderSays) {
  const auto store = store::NewMemoryStore();
  EvidenceBook book(*store);
  ASSERT_TRUE(book.Record(Of("aa"), {kSgx, "old", kNow}));
  ASSERT_TRUE(book.Record(Of("aa"), {kSgx, "new", kNow + 5 * kDay}));
  EXPECT_EQ(Bodies(book, Of("aa"), kNow, kNow + 8 * kDay), "new ") << "passed over";
  ASSERT_TRUE(book.Record(Of("aa"), {kSgx, "newer", kNow + 8 * kDay}));
  EXPECT_EQ(store->Scan(AsBytes("evidence/"), {}, 10)->size(), 2U) << "and then deleted";
  EXPECT_EQ(Bodies(book, Of("aa"), kNow + 6 * kDay, kNow + 8 * kDay), "newer ");
}

TEST(EvidenceBook, RefusesWhatIsTooLarge) {
  const auto store = store::NewMemoryStore();
  EvidenceBook book(*store);
  EXPECT_FALSE(
      book.Record(Of("aa"), {kSgx, std::string(limits::kRecordedEvidenceBytes + 1, 'x'), kNow}));
  EXPECT_EQ(store->Version().value(), 0U);
}

TEST(EvidenceBook, NeverHoldsMoreThanItsLimit) {
  const auto store = store::NewMemoryStore();
  EvidenceBook book(*store);
  for (std::size_t i = 0; i < limits::kRecordedEvidence + 3; ++i) {
    ASSERT_TRUE(book.Record(Of("aa"), {kSgx, std::to_string(i), kNow}));
  }
  EXPECT_LE(store::ScanAll(*store, AsBytes("evidence/"))->size(), limits::kRecordedEvidence);
  EXPECT_NE(Bodies(book, Of("aa"), kNow, kNow).find("10002 "), std::string::npos);
}

}  // namespace
}  // namespace assay
