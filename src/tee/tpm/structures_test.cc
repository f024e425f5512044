#include "tee/tpm/structures.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tee/tcg/replay.h"
#include "tee/tpm/ima_log.h"

namespace assay::tpm {
namespace {

Bytes FromHex(std::string_view text) { return HexDecode(text).value(); }

// A quote of PCR 0 of the SHA-256 bank, without signer and challenge.
std::string QuoteHex(std::string_view magic = "ff544347", std::string_view type = "8018",
                     std::string_view selections = "00000001000b03010000") {
  return std::string(magic) + std::string(type) + "0000" + "0000" + "0000000000000001" +
         "00000002" + "00000003" + "01" + "0000000000000004" + std::string(selections) + "0000";
}

TEST(TpmQuote, ReadsWhatIsThere) {
  const Bytes bytes = FromHex(QuoteHex());
  const auto quote = ParseQuote(bytes);
  ASSERT_TRUE(quote) << quote.error().message;
  EXPECT_EQ(quote->reset_count, 2U);
  EXPECT_TRUE(quote->safe);
  ASSERT_EQ(quote->selections.size(), 1U);
  EXPECT_EQ(quote->selections[0].pcrs, std::vector<std::uint32_t>{0});
}

// What a TPM signs for others never begins with its magic (Part 1 §36.3).
TEST(TpmQuote, RefusesWhatNoTpmMade) {
  EXPECT_FALSE(ParseQuote(FromHex(QuoteHex("ff544348"))));
  EXPECT_FALSE(ParseQuote(FromHex(QuoteHex("ff544347", "8017"))));
}

TEST(TpmQuote, RefusesABankTwiceAndPcrsThatDoNotExist) {
  EXPECT_FALSE(
      ParseQuote(FromHex(QuoteHex("ff544347", "8018", "00000002000b03010000000b03010000"))));
  EXPECT_FALSE(ParseQuote(FromHex(QuoteHex("ff544347", "8018", "00000001000b0400000001"))));
  EXPECT_FALSE(ParseQuote(FromHex(QuoteHex("ff544347", "8018", "00000009"))));
}

TEST(TpmQuote, RefusesEveryTruncationAndWhatFollows) {
  Bytes bytes = FromHex(QuoteHex());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseQuote(View(bytes).first(size))) << size;
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(ParseQuote(bytes));
}

TEST(TpmSignature, KnowsThreeSchemesAndFourHashes) {
  EXPECT_TRUE(ParseSignature(FromHex("0014000b0001aa")));
  EXPECT_TRUE(ParseSignature(FromHex("0016000c0001aa")));
  EXPECT_TRUE(ParseSignature(FromHex("0018000b0001aa0001bb")));
  EXPECT_FALSE(ParseSignature(FromHex("001a000b0001aa0001bb")));  // ECDAA
  EXPECT_FALSE(ParseSignature(FromHex("0005000b0001aa")));        // HMAC
  EXPECT_FALSE(ParseSignature(FromHex("001400120001aa")));        // SM3
  EXPECT_FALSE(ParseSignature(FromHex("0014000b0001aabb")));
}

TEST(TpmPublicArea, RefusesWeakKeysAndPointsOffTheCurve) {
  // RSA with a modulus of 8 bytes.
  EXPECT_FALSE(
      ParsePublicArea(FromHex("0001000b000500720000001000100800000000000008ffffffffffffffff")));
  const std::string zeros(64, '0');
  EXPECT_FALSE(ParsePublicArea(
      FromHex("0023000b00050072000000100018000b000300100020" + zeros + "0020" + zeros)));
}

// "ima-ng" of /bin/sh; the digests are computed here.
Bytes ImaEntryOf(std::string_view path, bool violation = false, std::string_view name = "ima-ng") {
  const auto le = [](Bytes& out, std::size_t value) {
    for (unsigned i = 0; i < 4; ++i)
      out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
  };
  Bytes digest = ToBytes(AsBytes(std::string_view("sha256:\0", 8)));
  Append(digest, Bytes(32, std::byte{7}));
  Bytes data;
  le(data, digest.size());
  Append(data, digest);
  le(data, path.size() + 1);
  Append(data, AsBytes(path));
  data.push_back(std::byte{0});
  Bytes out;
  le(out, kImaPcr);
  Append(out, violation ? Bytes(20) : ToBytes(Sha1(data)));
  le(out, name.size());
  Append(out, AsBytes(name));
  le(out, data.size());
  Append(out, data);
  return out;
}

TEST(ImaLog, ReadsPathsAndReplaysViolationsAsOnes) {
  Bytes log = ImaEntryOf("/bin/sh");
  Append(log, ImaEntryOf("/etc/open", true));
  const auto entries = ParseImaLog(log);
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(entries->at(0).path, "/bin/sh");
  EXPECT_EQ(entries->at(0).digest_algorithm, "sha256");
  EXPECT_TRUE(entries->at(1).violation);
  Bytes pcr(32);
  tcg::Extend(tcg::HashAlgorithm::kSha256, Sha256(entries->at(0).template_data), pcr);
  const Bytes start(32);
  const Bytes after_one = pcr;
  EXPECT_EQ(EntriesUpTo(*entries, tcg::HashAlgorithm::kSha256, pcr, start), 1U);
  tcg::Extend(tcg::HashAlgorithm::kSha256, Bytes(32, std::byte{0xFF}), pcr);
  EXPECT_EQ(EntriesUpTo(*entries, tcg::HashAlgorithm::kSha256, pcr, start), 2U);
  EXPECT_EQ(EntriesUpTo(*entries, tcg::HashAlgorithm::kSha256, Bytes(32, std::byte{1}), start),
            std::nullopt);
  const std::vector<ImaEntry> second(entries->begin() + 1, entries->end());
  EXPECT_EQ(EntriesUpTo(second, tcg::HashAlgorithm::kSha256, pcr, after_one), 1U);
  EXPECT_EQ(EntriesUpTo(second, tcg::HashAlgorithm::kSha256, pcr, start), std::nullopt);
}

TEST(ImaLog, RefusesADigestThatIsNotOfItsDataAndOtherTemplates) {
  Bytes log = ImaEntryOf("/bin/sh");
  log[4] ^= std::byte{1};
  EXPECT_FALSE(ParseImaLog(log));
  EXPECT_FALSE(ParseImaLog(ImaEntryOf("/bin/sh", false, "ima")));
}

}  // namespace
}  // namespace assay::tpm
