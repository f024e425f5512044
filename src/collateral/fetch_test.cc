#include "collateral/fetch.h"

#include <gtest/gtest.h>

#include "collateral/testing.h"

namespace assay {
namespace {

using std::chrono::milliseconds;
using testing::TinyServer;

const Time kNow = FromUnixSeconds(1700000000);

struct Waits {
  std::vector<milliseconds> list;
};

FetchOptions QuickOptions(Waits* waits = nullptr) {
  FetchOptions options;
  options.http.total_timeout = milliseconds(2000);
  options.clock = [] { return kNow; };
  options.sleep = [waits](milliseconds wait) {
    if (waits != nullptr) waits->list.push_back(wait);
  };
  return options;
}

TEST(Fetch, SendsTheETagAndUnderstandsNotModified) {
  TinyServer server([](const std::string& request, int) {
    if (request.find("If-None-Match: \"e1\"") != std::string::npos) {
      return TinyServer::Answer(304, "");
    }
    return TinyServer::Answer(200, "body", "ETag: \"e1\"\r\nTCB-Info-Issuer-Chain: chain\r\n");
  });
  Fetcher fetcher(QuickOptions());
  const auto first = fetcher.Ask(server.url() + "/crl", "", kNow);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->answer.etag, "\"e1\"");
  EXPECT_EQ(first->answer.issuer_chain, "chain");
  EXPECT_EQ(first->answer.checked, kNow);
  EXPECT_TRUE(fetcher.Ask(server.url() + "/crl", "\"e1\"", kNow)->not_modified);
  EXPECT_EQ((fetcher.counts()[{HostAndPort(server.url()), FetchOutcome::kNotModified}]), 1U);
}

TEST(Fetch, WaitsAsAskedOn429AndBacksOffOn500) {
  TinyServer server([](const std::string&, int number) {
    if (number == 1) return TinyServer::Answer(500, "");
    if (number == 2) return TinyServer::Answer(429, "", "Retry-After: 7\r\n");
    if (number == 3) return TinyServer::Answer(503, "");
    return TinyServer::Answer(200, "body");
  });
  Waits waits;
  const auto got = Fetcher(QuickOptions(&waits)).Ask(server.url(), "", kNow);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(waits.list, (std::vector{milliseconds(500), milliseconds(7000), milliseconds(14000)}));
}

TEST(Fetch, DoesNotWaitLongerThanAllowedNorAskAgainMeanwhile) {
  TinyServer server(
      [](const std::string&, int) { return TinyServer::Answer(429, "", "Retry-After: 3600\r\n"); });
  Waits waits;
  Fetcher fetcher(QuickOptions(&waits));
  EXPECT_FALSE(fetcher.Ask(server.url(), "", kNow));
  const auto again = fetcher.Ask(server.url() + "/other", "", kNow);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("not asked before"), std::string::npos);
  EXPECT_EQ(server.requests(), 1);
  EXPECT_TRUE(waits.list.empty());
}

TEST(Fetch, GivesUpAfterItsAttemptsAndAtOnceOn404) {
  TinyServer server([](const std::string& request, int) {
    return TinyServer::Answer(request.starts_with("GET /none") ? 404 : 500, "");
  });
  Fetcher fetcher(QuickOptions());
  EXPECT_FALSE(fetcher.Ask(server.url() + "/broken", "", kNow));
  EXPECT_EQ(server.requests(), 4);
  const auto none = fetcher.Ask(server.url() + "/none", "", kNow);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kMissing);
  EXPECT_EQ(server.requests(), 5);
}

TEST(Fetch, TruncatedBodyIsRetried) {
  TinyServer server([](const std::string&, int number) {
    std::string answer = TinyServer::Answer(200, "a body of some length");
    if (number == 1) answer.resize(answer.size() - 5);
    return answer;
  });
  EXPECT_TRUE(Fetcher(QuickOptions()).Ask(server.url(), "", kNow));
  EXPECT_EQ(server.requests(), 2);
}

TEST(Fetch, CancellationEndsARequestThatIsUnderWay) {
  TinyServer server([](const std::string&, int) {
    std::this_thread::sleep_for(milliseconds(3000));
    return TinyServer::Answer(200, "late");
  });
  std::atomic<bool> cancelled{false};
  FetchOptions options = QuickOptions();
  options.http.total_timeout = milliseconds(20000);
  options.http.cancelled = [&] { return cancelled.load(); };
  Fetcher fetcher(options);
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(100));
    cancelled = true;
  });
  const auto start = std::chrono::steady_clock::now();
  const auto got = fetcher.Ask(server.url(), "", kNow);
  later.join();
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().message.find("cancelled"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2500));
}

TEST(Fetch, SlowHostAndLargeAnswerAreBounded) {
  TinyServer server([](const std::string& request, int) {
    if (request.starts_with("GET /slow")) std::this_thread::sleep_for(milliseconds(250));
    return TinyServer::Answer(200, std::string(5000, 'x'));
  });
  HttpClientOptions options;
  options.total_timeout = milliseconds(50);
  EXPECT_FALSE(HttpClient(options).Get(server.url() + "/slow"));
  options.total_timeout = milliseconds(2000);
  options.body_bytes = 4999;
  EXPECT_FALSE(HttpClient(options).Get(server.url() + "/large"));
  options.body_bytes = 5000;
  EXPECT_TRUE(HttpClient(options).Get(server.url() + "/large"));
  EXPECT_FALSE(HttpClient(options).Get("file:///etc/hostname"));
}

TEST(HostPace, UnreachableHostIsLeftAloneForAWhileThatDoubles) {
  HostPace pace;
  for (int i = 0; i < 3; ++i) pace.Record("h", FetchOutcome::kUnreachable, kNow);
  EXPECT_TRUE(pace.HoldBack("h", kNow + std::chrono::seconds(14)));
  EXPECT_FALSE(pace.HoldBack("h", kNow + std::chrono::seconds(15)));
  EXPECT_FALSE(pace.HoldBack("other", kNow));
  pace.Record("h", FetchOutcome::kUnreachable, kNow + std::chrono::seconds(15));
  EXPECT_TRUE(pace.HoldBack("h", kNow + std::chrono::seconds(44)));
  pace.Record("h", FetchOutcome::kNew, kNow + std::chrono::seconds(45));
  pace.Record("h", FetchOutcome::kUnreachable, kNow + std::chrono::seconds(45));
  EXPECT_FALSE(pace.HoldBack("h", kNow + std::chrono::seconds(45)));
}

TEST(HostPace, NamesTheHostWithItsPort) {
  EXPECT_EQ(HostAndPort("https://kdsintf.amd.com/vcek/v1"), "kdsintf.amd.com");
  EXPECT_EQ(HostAndPort("http://127.0.0.1:8081"), "127.0.0.1:8081");
  EXPECT_EQ(HostAndPort("https://a?b"), "a");
}

}  // namespace
}  // namespace assay
