#include "ledger/application_entry.h"

#include <gtest/gtest.h>

#include "base/cbor.h"
#include "base/limits.h"
#include "ledger/ledger_user.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

ApplicationEntry SampleEntry() {
  return {FromUnixSeconds(1'800'000'000), "alice", "subledger:0", {"a", "b"}, "Grüße\n"};
}

TEST(ApplicationEntry, IsReadAsItWasWritten) {
  const Bytes body = EncodeApplicationEntry(SampleEntry()).value();
  EXPECT_EQ(DecodeApplicationEntry(body).value(), SampleEntry());
  ApplicationEntry empty = SampleEntry();
  empty.contents.clear();
  empty.tags.clear();
  EXPECT_EQ(DecodeApplicationEntry(EncodeApplicationEntry(empty).value()).value(), empty);
}

TEST(ApplicationEntry, IsToldFromARecord) {
  const auto entry = DecodeBody(EncodeApplicationEntry(SampleEntry()).value());
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(std::get<ApplicationEntry>(*entry), SampleEntry());
  const auto record = DecodeBody(EncodeRecord(TestRecord(1)).value());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(std::get<Record>(*record), TestRecord(1));
  EXPECT_FALSE(DecodeBody(CborWriter().Array(2).Unsigned(3).Null().Take()));
  EXPECT_FALSE(DecodeBody({}));
}

TEST(ApplicationEntry, RefusesEachBoundThatIsBroken) {
  const auto refused = [](const std::function<void(ApplicationEntry&)>& change) {
    ApplicationEntry entry = SampleEntry();
    change(entry);
    return !EncodeApplicationEntry(entry).has_value();
  };
  const std::string long_name(limits::kLedgerNameBytes + 1, 'x');
  EXPECT_TRUE(refused([](auto& one) { one.collection = ""; }));
  EXPECT_TRUE(refused([&](auto& one) { one.collection = long_name; }));
  EXPECT_TRUE(refused([](auto& one) { one.collection = "a\nb"; }));
  EXPECT_TRUE(refused([](auto& one) { one.collection = "\xff"; }));
  EXPECT_TRUE(refused([](auto& one) { one.tags = {"b", "a"}; }));
  EXPECT_TRUE(refused([](auto& one) { one.tags = {"a", "a"}; }));
  EXPECT_TRUE(refused([](auto& one) { one.tags = {""}; }));
  EXPECT_TRUE(refused([](auto& one) { one.contents = "\xc0\x80"; }));
  EXPECT_TRUE(refused([](auto& one) { one.author = "\xff"; }));
  EXPECT_TRUE(refused([](auto& one) { one.time = FromUnixSeconds(-1); }));
  EXPECT_TRUE(refused(
      [](auto& one) { one.contents = std::string(limits::kLedgerContentsBytes + 1, 'x'); }));
  EXPECT_TRUE(refused([](auto& one) {
    one.tags.clear();
    for (std::size_t i = 0; i <= limits::kLedgerTags; ++i)
      one.tags.push_back(std::string(i + 1, 'x'));
  }));
  EXPECT_FALSE(
      refused([](auto& one) { one.contents = std::string(limits::kLedgerContentsBytes, 'x'); }));
}

TEST(ApplicationEntry, RefusesBodiesOfAnotherShape) {
  Bytes body = EncodeApplicationEntry(SampleEntry()).value();
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(DecodeApplicationEntry(View(body).first(size))) << size;
  }
  body.push_back(std::byte{0});
  EXPECT_FALSE(DecodeApplicationEntry(body));
}

TEST(LedgerUser, IsReadAsItWasWritten) {
  const LedgerUser user{"AB:01", {LedgerRole::kReader, LedgerRole::kAdministrator}};
  EXPECT_EQ(DecodeLedgerUser(EncodeLedgerUser(user).value()).value(), user);
  EXPECT_EQ(user.Strongest(), LedgerRole::kAdministrator);
  EXPECT_EQ((LedgerUser{"x", {}}.Strongest()), std::nullopt);
  EXPECT_FALSE(EncodeLedgerUser({"x", {LedgerRole::kAdministrator, LedgerRole::kReader}}));
  EXPECT_FALSE(EncodeLedgerUser({"x", {LedgerRole::kReader, LedgerRole::kReader}}));
  EXPECT_FALSE(DecodeLedgerUser(CborWriter().Array(2).Text("x").Array(1).Unsigned(4).Take()));
  EXPECT_FALSE(DecodeLedgerUser(CborWriter().Array(2).Text("x").Array(1).Unsigned(0).Take()));
}

TEST(LedgerUser, HasAnIdOfFewCharacters) {
  EXPECT_TRUE(IsLedgerUserId("0a1b2c3d-0000-0000-0000-000000000000"));
  EXPECT_TRUE(IsLedgerUserId("AB:CD:EF"));
  EXPECT_TRUE(IsLedgerUserId(std::string(limits::kLedgerUserBytes, 'x')));
  for (const std::string& wrong :
       {std::string(), std::string("a b"), std::string("a/b"), std::string("ü"),
        std::string("a%20"), std::string(limits::kLedgerUserBytes + 1, 'x')}) {
    EXPECT_FALSE(IsLedgerUserId(wrong)) << wrong;
  }
}

TEST(LedgerUser, IsWhatARecordSays) {
  for (const LedgerUser& user :
       {LedgerUser{"alice", {}}, LedgerUser{"alice", {LedgerRole::kContributor}},
        LedgerUser{"bob", {LedgerRole::kReader, LedgerRole::kContributor}}}) {
    const Record record = UserRecord(user, "root", FromUnixSeconds(5));
    EXPECT_EQ(UserOf(record), user);
    EXPECT_EQ(DecodeRecord(EncodeRecord(record).value()).value(), record);
  }
  EXPECT_FALSE(UserOf(TestRecord(1)));
  Record other = UserRecord({"alice", {}}, "root", FromUnixSeconds(5));
  other.kind = RecordKind::kDrift;
  EXPECT_FALSE(UserOf(other));
  other = UserRecord({"alice", {}}, "root", FromUnixSeconds(5));
  other.detail = "Root";
  EXPECT_FALSE(UserOf(other));
}

}  // namespace
}  // namespace assay::ledger
