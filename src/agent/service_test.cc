#include "agent/service.h"

#include <gtest/gtest.h>

#include "agent/machine_keys.h"
#include "agent/protocol.h"
#include "base/encoding.h"

namespace assay::agent {
namespace {

Said Of(unsigned status, std::string body) { return Understand({status, {}, std::move(body)}); }

TEST(Service, ToldThatTheMachineIsUnknownFromAnyOtherNotFound) {
  EXPECT_EQ(Of(404, R"({"error":{"code":"MachineNotFound","message":"m"}})").answer,
            Answer::kUnknownMachine);
  EXPECT_EQ(Of(404, R"({"error":{"code":"ProviderNotFound","message":"m"}})").answer,
            Answer::kDenied);
  EXPECT_EQ(Of(404, "not found").answer, Answer::kDenied);
}

TEST(Service, AnswersThatMayChangeByThemselvesAreNoDenials) {
  for (const unsigned status : {408U, 429U, 500U, 502U, 503U, 504U}) {
    EXPECT_EQ(Of(status, "").answer, Answer::kAway) << status;
  }
  for (const unsigned status : {400U, 401U, 403U, 413U}) {
    EXPECT_EQ(Of(status, "").answer, Answer::kDenied) << status;
  }
  EXPECT_EQ(Of(410, "").answer, Answer::kExpired);
}

TEST(Service, APortalThatAnswersInItsPlaceIsNoYes) {
  EXPECT_EQ(Of(200, "<html>welcome</html>").answer, Answer::kAway);
  EXPECT_EQ(Of(200, "[]").answer, Answer::kAway);
  EXPECT_EQ(Of(200, "{}").answer, Answer::kYes);
}

TEST(Service, ReadsRetryAfterInSecondsOnly) {
  const auto wait = [](std::string text) {
    return Understand({429, {{"retry-after", std::move(text)}}, ""}).retry_after;
  };
  EXPECT_EQ(wait("7"), std::chrono::seconds(7));
  EXPECT_EQ(wait("99999999"), limits::kAgentLongestPause);
  EXPECT_FALSE(wait("Wed, 21 Oct 2026 07:28:00 GMT"));
  EXPECT_FALSE(wait("-1"));
  EXPECT_FALSE(wait(""));
}

TEST(Service, TextHasTheChecksThatFailed) {
  const Said said =
      Of(403, R"({"error":{"code":"EvidenceNotTrusted","message":"no"},)"
              R"("failedChecks":[{"name":"ima.replay","expected":"a","found":"b"}]})");
  EXPECT_EQ(said.Text(), "403 EvidenceNotTrusted: no\n  ima.replay: expected a, found b");
}

json::Value Parsed(std::string_view text) { return json::Parse(text).value(); }

TEST(Challenge, HasANonceAndWhatIsKnown) {
  const std::string nonce = Base64UrlEncode(Bytes(32, std::byte{9}));
  const auto challenge = ReadChallenge(
      Parsed(R"({"nonce":")" + nonce +
             R"(","expires_in":60,"ima_known":12,"reset_count":3,"event_log_known":"abcd"})"));
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->nonce, Bytes(32, std::byte{9}));
  EXPECT_EQ(challenge->known.ima_entries, 12U);
  EXPECT_EQ(challenge->known.reset_count, 3U);
  EXPECT_EQ(challenge->known.event_log_sha256, "abcd");
}

TEST(Challenge, ANumberOfEntriesWithoutItsBootSaysNothing) {
  const std::string nonce = Base64UrlEncode(Bytes(32));
  const auto challenge = ReadChallenge(Parsed(R"({"nonce":")" + nonce + R"(","ima_known":12})"));
  EXPECT_EQ(challenge->known.ima_entries, 0U);
}

TEST(Challenge, ANonceThatCanBeGuessedIsRefused) {
  EXPECT_FALSE(ReadChallenge(Parsed(R"({"nonce":""})")));
  EXPECT_FALSE(ReadChallenge(Parsed(R"({"nonce":"AAAA"})")));
  EXPECT_FALSE(ReadChallenge(Parsed("{}")));
  EXPECT_FALSE(ReadChallenge(Parsed(R"({"nonce":")" + Base64UrlEncode(Bytes(65)) + R"("})")));
}

TEST(Certificates, AreSplitAndPaddingIsLeft) {
  const Bytes one = HexDecode("3003020101").value();
  const Bytes two = HexDecode("3003020102").value();
  Bytes content = one;
  Append(content, two);
  Append(content, Bytes(20, std::byte{0xFF}));
  EXPECT_EQ(SplitCertificates(content), (std::vector<Bytes>{one, two}));
  EXPECT_TRUE(SplitCertificates(Bytes(20)).empty());
  EXPECT_TRUE(SplitCertificates(HexDecode("30820400aa").value()).empty());
}

}  // namespace
}  // namespace assay::agent
