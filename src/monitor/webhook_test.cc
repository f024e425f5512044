#include "monitor/webhook.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "store/memory_store.h"

namespace assay::monitor {
namespace {

class Webhooks : public testing::Test {
 protected:
  Webhooks() {
    machine_.id = "00112233445566778899aabbccddeeff";
    store::Batch batch;
    for (const int second : {1000, 2000}) {
      batch.puts.push_back(AnnouncementOf("shared", machine_,
                                          {FromUnixSeconds(second), "drifted", "PCR 8"},
                                          static_cast<std::uint64_t>(second)));
    }
    EXPECT_TRUE(store_->Commit(batch));
  }
  std::size_t DueAt(std::int64_t second) {
    return queue_.Due(FromUnixSeconds(second), 10).value().size();
  }

  Machine machine_;
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  WebhookQueue queue_{*store_};
};

TEST_F(Webhooks, AreDueInTheirOrder) {
  EXPECT_EQ(DueAt(999), 0U);
  EXPECT_EQ(DueAt(1000), 1U);
  EXPECT_EQ(DueAt(2000), 2U);
}

TEST_F(Webhooks, ThatWereTakenAreGone) {
  ASSERT_TRUE(queue_.Taken(queue_.Due(FromUnixSeconds(1000), 1)->front()));
  EXPECT_EQ(DueAt(1999), 0U);
}

TEST_F(Webhooks, ThatWereNotTakenComeAgainLaterAndLaterUnderTheSameId) {
  const Announcement first = queue_.Due(FromUnixSeconds(1000), 1)->front();
  EXPECT_FALSE(queue_.NotTaken(first, FromUnixSeconds(1000)).value());
  EXPECT_EQ(DueAt(1000), 0U);
  const Announcement second = queue_.Due(FromUnixSeconds(1001), 1)->front();
  EXPECT_EQ(second.id, first.id);
  EXPECT_FALSE(queue_.NotTaken(second, FromUnixSeconds(1001)).value());
  EXPECT_EQ(DueAt(1002), 0U);
  EXPECT_EQ(DueAt(1003), 1U);
}

TEST_F(Webhooks, AreGivenUpInTheEnd) {
  std::int64_t now = 1000;
  int attempts = 0;
  for (bool given_up = false; !given_up; ++attempts) {
    const auto due = queue_.Due(FromUnixSeconds(now), 1).value();
    ASSERT_EQ(due.size(), 1U);
    if (due[0].body.find("1970-01-01T00:16:40Z") == std::string::npos) {
      ASSERT_TRUE(queue_.Taken(due[0]));  // the other one
      continue;
    }
    given_up = queue_.NotTaken(due[0], FromUnixSeconds(now)).value();
    now += limits::kWebhookLongestWait.count();
  }
  EXPECT_EQ(DueAt(now), 0U);
  EXPECT_GE(attempts, limits::kWebhookAttempts);
}

// The example of the Standard Webhooks specification.
TEST(WebhookSignature, IsThatOfTheSpecification) {
  const auto secret = ParseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  ASSERT_TRUE(secret);
  Announcement message;
  message.id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  message.body = R"({"test": 2432232314})";
  const WebhookHeaders headers = SignWebhook(*secret, message, FromUnixSeconds(1614265330));
  EXPECT_EQ(headers[1].second, "1614265330");
  EXPECT_EQ(headers[2].second, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSecret, IsNotTakenWhenItIsShortOrPlain) {
  EXPECT_FALSE(ParseWebhookSecret("secret"));
  EXPECT_FALSE(ParseWebhookSecret("whsec_c2hvcnQ="));
}

}  // namespace
}  // namespace assay::monitor
