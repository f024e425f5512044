#include "agent/evidence_document.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"

namespace assay::agent {
namespace {

void AppendLe32(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

Bytes ImaEntry(std::string_view template_name, std::string_view data) {
  Bytes out;
  AppendLe32(out, 10);
  Append(out, Bytes(20, std::byte{0x22}));
  AppendLe32(out, static_cast<std::uint32_t>(template_name.size()));
  Append(out, AsBytes(template_name));
  AppendLe32(out, static_cast<std::uint32_t>(data.size()));
  Append(out, AsBytes(data));
  return out;
}

Bytes ThreeEntries() {
  Bytes out = ImaEntry("ima-ng", "one");
  Append(out, ImaEntry("ima-sig", "number two"));
  Append(out, ImaEntry("ima-ng", "3"));
  return out;
}

// TPMS_ATTEST of a quote (TPM 2.0 Part 2, 10.12.12) of the boot with that reset count.
Bytes QuoteMessage(std::uint8_t resets) {
  return HexDecode(
             "ff5443478018"
             "0000"
             "0000"
             "0000000000000001"
             "000000" +
             HexEncode(Bytes{std::byte{resets}}) +
             "00000000"
             "01"
             "0000000000000001"
             "00000000"
             "0000")
      .value();
}

Collected Sample(std::uint8_t resets = 7) {
  Collected out;
  out.ak = ToBytes(AsBytes("key"));
  out.quote = {QuoteMessage(resets), ToBytes(AsBytes("signature"))};
  out.pcrs = {{0, Bytes(32, std::byte{1})}, {10, Bytes(32, std::byte{2})}};
  out.event_log = ToBytes(AsBytes("event log"));
  out.ima_log = ThreeEntries();
  return out;
}

json::Value Document(const Collected& collected, const AlreadyKnown& known = {}) {
  return json::Parse(EvidenceDocument(collected, known).value()).value();
}

TEST(EvidenceDocument, HasAllThatIsCollected) {
  Collected collected = Sample();
  collected.ak_certificates = {ToBytes(AsBytes("leaf")), ToBytes(AsBytes("issuer"))};
  const json::Value document = Document(collected);
  EXPECT_EQ(*document.Find("assay-evidence")->AsString(), "tpm/1");
  EXPECT_EQ(*document.Find("ak")->AsString(), Base64UrlEncode(AsBytes("key")));
  EXPECT_EQ(document.Find("ak_certificates")->AsArray()->size(), 2U);
  const json::Value& quote = document.Find("quotes")->AsArray()->front();
  EXPECT_EQ(*quote.Find("message")->AsString(), Base64UrlEncode(QuoteMessage(7)));
  EXPECT_EQ(*quote.Find("signature")->AsString(), Base64UrlEncode(AsBytes("signature")));
  const json::Value* const bank = document.Find("pcrs")->Find("sha256");
  EXPECT_EQ(*bank->Find("10")->AsString(), HexEncode(Bytes(32, std::byte{2})));
  EXPECT_EQ(*document.Find("event_log")->AsString(), Base64UrlEncode(AsBytes("event log")));
  EXPECT_EQ(*document.Find("ima_log")->AsString(), Base64UrlEncode(ThreeEntries()));
  EXPECT_EQ(document.Find("ima_from"), nullptr);
  EXPECT_EQ(document.Find("event_log_sha256"), nullptr);
}

TEST(EvidenceDocument, SendsOnlyTheNewEntriesOfTheSameBoot) {
  const json::Value document = Document(Sample(7), {.ima_entries = 2, .reset_count = 7});
  EXPECT_EQ(*document.Find("ima_from")->AsInt(), 2);
  EXPECT_EQ(*document.Find("ima_log")->AsString(), Base64UrlEncode(ImaEntry("ima-ng", "3")));
}

TEST(EvidenceDocument, SendsAnEmptyRestWhenNothingIsNew) {
  const json::Value document = Document(Sample(7), {.ima_entries = 3, .reset_count = 7});
  EXPECT_EQ(*document.Find("ima_from")->AsInt(), 3);
  EXPECT_EQ(*document.Find("ima_log")->AsString(), "");
}

TEST(EvidenceDocument, SendsTheWholeListAfterAReboot) {
  const json::Value document = Document(Sample(8), {.ima_entries = 2, .reset_count = 7});
  EXPECT_EQ(document.Find("ima_from"), nullptr);
  EXPECT_EQ(*document.Find("ima_log")->AsString(), Base64UrlEncode(ThreeEntries()));
}

TEST(EvidenceDocument, SendsTheWholeListWhenTheServiceKnowsMoreThanThereIs) {
  const json::Value document = Document(Sample(7), {.ima_entries = 4, .reset_count = 7});
  EXPECT_EQ(document.Find("ima_from"), nullptr);
  EXPECT_EQ(*document.Find("ima_log")->AsString(), Base64UrlEncode(ThreeEntries()));
}

TEST(EvidenceDocument, NamesAKnownEventLogByItsDigest) {
  const std::string digest = HexEncode(Sha256(AsBytes("event log")));
  const json::Value known = Document(Sample(), {.event_log_sha256 = digest});
  EXPECT_EQ(*known.Find("event_log_sha256")->AsString(), digest);
  EXPECT_EQ(known.Find("event_log"), nullptr);
  const json::Value other = Document(Sample(), {.event_log_sha256 = std::string(64, '0')});
  EXPECT_NE(other.Find("event_log"), nullptr);
}

TEST(EvidenceDocument, LeavesOutLogsThatAreNotThere) {
  Collected collected = Sample();
  collected.event_log.reset();
  collected.ima_log.reset();
  const json::Value document = Document(collected);
  EXPECT_EQ(document.Find("event_log"), nullptr);
  EXPECT_EQ(document.Find("ima_log"), nullptr);
}

TEST(EvidenceDocument, OfAnAzureVmTheReportNamesTheKey) {
  Collected collected = Sample();
  collected.ak_certificates = {ToBytes(AsBytes("leaf"))};
  collected.hcl_report = ToBytes(AsBytes("report"));
  collected.td_quote = ToBytes(AsBytes("quote"));
  const json::Value document = Document(collected);
  EXPECT_EQ(*document.Find("assay-evidence")->AsString(), "azure/1");
  EXPECT_EQ(*document.Find("hcl_report")->AsString(), Base64UrlEncode(AsBytes("report")));
  EXPECT_EQ(*document.Find("td_quote")->AsString(), Base64UrlEncode(AsBytes("quote")));
  EXPECT_NE(document.Find("ak"), nullptr);
  EXPECT_EQ(document.Find("ak_certificates"), nullptr);
}

TEST(EvidenceDocument, AQuoteThatDoesNotParseIsAnError) {
  Collected collected = Sample();
  collected.quote.message.pop_back();
  EXPECT_FALSE(EvidenceDocument(collected, {}));
}

TEST(ImaLogFrom, IsNotFooledByATruncatedEntry) {
  Bytes log = ThreeEntries();
  log.pop_back();
  EXPECT_TRUE(ImaLogFrom(log, 2));
  EXPECT_FALSE(ImaLogFrom(log, 3));
}

TEST(ImaLogFrom, DoesNotGuessTheSizeOfTheOldTemplate) {
  EXPECT_FALSE(ImaLogFrom(ImaEntry("ima", "hash and name"), 1));
}

}  // namespace
}  // namespace assay::agent
