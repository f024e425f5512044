#include "ledger/record.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay::ledger {
namespace {

Record FullRecord() {
  Record out;
  out.kind = RecordKind::kDenial;
  out.time = FromUnixSeconds(1'764'590'400);
  out.subject = "machine/0011";
  out.actor = "spki/ab";
  out.verdict = RecordVerdict::kDenied;
  out.evidence = Sha256(AsBytes("evidence"));
  out.policy = Sha256(AsBytes("policy"));
  out.collateral = {Sha256Digest{}, Sha256(AsBytes("crl"))};
  out.failed_checks = {"quote-signature", "tcb-status"};
  out.build = Sha256(AsBytes("build"));
  out.configuration = Sha256(AsBytes("configuration"));
  out.detail = "\xC3\xBC";
  return out;
}

TEST(DecisionRecord, ReadsWhatItWrites) {
  for (const Record& record : {FullRecord(), [] {
                                 Record out;
                                 out.verdict = RecordVerdict::kPermitted;
                                 return out;
                               }()}) {
    const auto bytes = EncodeRecord(record);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto read = DecodeRecord(*bytes);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, record);
  }
}

TEST(DecisionRecord, IsTheArrayThatIsDocumented) {
  Record record;
  record.verdict = RecordVerdict::kPermitted;
  record.time = FromUnixSeconds(10);
  record.subject = "s";
  // [1, 1, 10, "s", "", 1, null, null, [], [], null, null, ""]
  EXPECT_EQ(HexEncode(EncodeRecord(record).value()), "8d01010a61736001f6f68080f6f660");
}

// Each byte of the encoding counts: no other bytes mean the same record.
TEST(DecisionRecord, HasOneEncoding) {
  const Record record = FullRecord();
  const Bytes good = EncodeRecord(record).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[i] ^= static_cast<std::byte>(1U << bit);
      const auto read = DecodeRecord(bad);
      if (!read) continue;
      EXPECT_NE(*read, record) << i;
      EXPECT_EQ(EncodeRecord(*read).value(), bad) << i;
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeRecord(View(good).first(size))) << size;
  }
  Bytes longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(DecodeRecord(longer));
}

void ExpectRefused(const std::function<void(Record&)>& change, std::string_view why) {
  Record record = FullRecord();
  change(record);
  const auto bytes = EncodeRecord(record);
  ASSERT_FALSE(bytes) << why;
  EXPECT_NE(bytes.error().message.find(why), std::string::npos) << bytes.error().message;
}

TEST(DecisionRecord, RefusesWhatContradictsItself) {
  ExpectRefused([](Record& r) { r.kind = RecordKind::kAttestation; }, "an attestation is");
  ExpectRefused([](Record& r) { r.verdict = RecordVerdict::kNone; }, "a denial is denied");
  ExpectRefused(
      [](Record& r) {
        r.kind = RecordKind::kKeyRelease;
        r.verdict = RecordVerdict::kPermitted;
      },
      "failed no check");
  ExpectRefused([](Record& r) { r.time = FromUnixSeconds(-1); }, "before 1970");
  ExpectRefused([](Record& r) { std::swap(r.collateral[0], r.collateral[1]); }, "ascend");
  ExpectRefused([](Record& r) { r.collateral[1] = r.collateral[0]; }, "ascend");
}

TEST(DecisionRecord, HoldsItsBounds) {
  const std::string most(limits::kLedgerTextBytes, 'x');
  const std::string most_detail(limits::kLedgerDetailBytes, 'x');
  const std::pair<std::string Record::*, std::string> texts[] = {
      {&Record::subject, most}, {&Record::actor, most}, {&Record::detail, most_detail}};
  for (const auto& [text, longest] : texts) {
    Record record = FullRecord();
    record.*text = longest;
    EXPECT_TRUE(EncodeRecord(record));
    ExpectRefused([&, member = text, &longest = longest](Record& r) { r.*member = longest + "x"; },
                  "a text has more");
    ExpectRefused([&, member = text](Record& r) { r.*member = "\xFF"; }, "UTF-8");
  }
  ExpectRefused([&](Record& r) { r.failed_checks[0] = most + "x"; }, "a text has more");
  ExpectRefused([](Record& r) { r.failed_checks.resize(limits::kLedgerFailedChecks + 1); },
                "failed checks");
  ExpectRefused([](Record& r) { r.collateral.resize(limits::kLedgerCollateral + 1); }, "");
  ExpectRefused([&](Record& r) { r.failed_checks.assign(20, most); }, "at most 65536");
}

TEST(DecisionRecord, NamesItsKinds) {
  EXPECT_EQ(Name(RecordKind::kAttestation), "attestation");
  EXPECT_EQ(Name(RecordKind::kRedaction), "redaction");
  EXPECT_EQ(Name(RecordVerdict::kDenied), "denied");
  const json::Value json = RecordJson(FullRecord());
  EXPECT_EQ(json.String("kind", "").value(), "denial");
  EXPECT_EQ(json.String("time", "").value(), "2025-12-01T12:00:00Z");
}

}  // namespace
}  // namespace assay::ledger
