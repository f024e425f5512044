#include "access/issuer_keys.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "access/testing.h"
#include "base/limits.h"

namespace assay::access {
namespace {

using access_testing::IssuerKey;
using access_testing::JwksOf;
using access_testing::kIssuer;
using access_testing::StrangersKey;

// An issuer on a made-up network, under a made-up clock.
struct Issuer {
  std::mutex mutex;  // guards documents
  std::map<std::string, std::string> documents;
  std::atomic<int> asked{0};
  std::atomic<int> at_once{0};
  std::atomic<int> most_at_once{0};
  std::atomic<std::int64_t> seconds{1000};
  DiscoveredKeys keys{
      Rule(), [this](const std::string& url) { return Get(url); },
      [this] {
        return std::chrono::steady_clock::time_point(std::chrono::seconds(seconds.load()));
      }};

  Issuer() {
    Put(std::string(kIssuer) + "/.well-known/openid-configuration",
        R"({"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/keys"})");
    PutKeys(JwksOf(IssuerKey(), "k1"));
  }

  static IssuerRule Rule() {
    return {kIssuer, {"a"}, {}, std::string(kIssuer) + "/.well-known/openid-configuration", {}};
  }

  void Put(const std::string& url, std::string text) {
    const std::lock_guard lock(mutex);
    documents[url] = std::move(text);
  }
  void PutKeys(std::string text) { Put("https://issuer.example/keys", std::move(text)); }
  void Silence() {
    const std::lock_guard lock(mutex);
    documents.clear();
  }

  Result<std::string> Get(const std::string& url) {
    ++asked;
    most_at_once = std::max(most_at_once.load(), ++at_once);
    const std::lock_guard lock(mutex);
    --at_once;
    const auto found = documents.find(url);
    if (found == documents.end()) return Fail(ErrorCode::kIo, "no answer");
    return found->second;
  }
};

TEST(IssuerKeys, AreFetchedOnceAndKept) {
  Issuer issuer;
  EXPECT_TRUE(issuer.keys.Find("k1"));
  issuer.seconds += limits::kJwksFresh.count() - 1;
  EXPECT_TRUE(issuer.keys.Find("k1"));
  EXPECT_EQ(issuer.asked, 2);  // discovery, keys
}

TEST(IssuerKeys, AreAskedForAnewForAnUnknownKidButNotMoreOftenThanThePace) {
  Issuer issuer;
  EXPECT_TRUE(issuer.keys.Find("k1"));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(issuer.keys.Find("made-up-" + std::to_string(i)).error().code, ErrorCode::kMissing);
  }
  EXPECT_EQ(issuer.asked, 2);
  issuer.PutKeys(JwksOf(StrangersKey(), "k2"));
  issuer.seconds += limits::kJwksPace.count();
  EXPECT_TRUE(issuer.keys.Find("k2"));
  EXPECT_EQ(issuer.asked, 4);
}

TEST(IssuerKeys, ForgetAKeyThatTheIssuerTookBack) {
  Issuer issuer;
  EXPECT_TRUE(issuer.keys.Find("k1"));
  issuer.PutKeys(JwksOf(StrangersKey(), "k2"));
  issuer.seconds += limits::kJwksFresh.count();
  EXPECT_EQ(issuer.keys.Find("k1").error().code, ErrorCode::kMissing);
}

TEST(IssuerKeys, AreUsedForADayWhenTheIssuerIsSilentAndNotLonger) {
  Issuer issuer;
  EXPECT_TRUE(issuer.keys.Find("k1"));
  issuer.Silence();
  issuer.seconds += limits::kJwksFresh.count();
  EXPECT_TRUE(issuer.keys.Find("k1"));
  issuer.seconds += limits::kJwksStale.count();
  EXPECT_EQ(issuer.keys.Find("k1").error().code, ErrorCode::kIo);
}

TEST(IssuerKeys, CannotBeHadOfAnIssuerThatNeverAnswered) {
  Issuer issuer;
  issuer.Silence();
  EXPECT_EQ(issuer.keys.Find("k1").error().code, ErrorCode::kIo);
  EXPECT_EQ(issuer.keys.Find("k1").error().code, ErrorCode::kIo);
  EXPECT_EQ(issuer.asked, 1);
}

TEST(IssuerKeys, RefuseADiscoveryDocumentOfAnotherIssuer) {
  Issuer issuer;
  issuer.Put(Issuer::Rule().discovery,
             R"({"issuer":"https://evil.example","jwks_uri":"https://issuer.example/keys"})");
  EXPECT_NE(issuer.keys.Find("k1").error().message.find("found another"), std::string::npos);
}

TEST(IssuerKeys, RefuseKeysThatAreNotOverHttps) {
  Issuer issuer;
  issuer.Put(Issuer::Rule().discovery,
             R"({"issuer":"https://issuer.example","jwks_uri":"http://issuer.example/keys"})");
  EXPECT_NE(issuer.keys.Find("k1").error().message.find("https jwks_uri"), std::string::npos);
}

TEST(IssuerKeys, AreAskedForByOneThreadAtATimeWhileTheyRotate) {
  Issuer issuer;
  ASSERT_TRUE(issuer.keys.Find("k1"));
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&issuer, &broken] {
      for (int i = 0; i < 200; ++i) {
        for (const char* kid : {"k1", "k2", "made-up"}) {
          const auto key = issuer.keys.Find(kid);
          // kIo: a request is under way, and there is no place to wait for it.
          const bool known =
              key || key.error().code == ErrorCode::kMissing || key.error().code == ErrorCode::kIo;
          if (!known) ++broken;
        }
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    issuer.PutKeys(i % 2 == 0 ? JwksOf(StrangersKey(), "k2") : JwksOf(IssuerKey(), "k1"));
    issuer.seconds += limits::kJwksPace.count();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(issuer.most_at_once, 1);
  EXPECT_LE(issuer.asked, 2 * 51);
  EXPECT_EQ(broken, 0);
}

}  // namespace
}  // namespace assay::access
