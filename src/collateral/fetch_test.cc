#include "collateral/fetch.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "collateral/testing.h"

namespace assay {
namespace {

using std::chrono::milliseconds;
using testing::TinyServer;

constexpr std::int64_t kStart = 1700000000;
constexpr long kLifetime = 100000;
const Time kNow = FromUnixSeconds(kStart + 10);
const Time kAfterEnd = FromUnixSeconds(kStart + kLifetime + 5);

std::string CrlBody() {
  static const testing::Pki pki = testing::MakePki("Root", kStart, kLifetime);
  return std::string(AsText(pki.crl));
}

struct Waits {
  std::vector<milliseconds> list;
};

FetchOptions QuickOptions(Waits* waits = nullptr) {
  FetchOptions options;
  options.http.total_timeout = milliseconds(2000);
  options.sleep = [waits](milliseconds wait) {
    if (waits != nullptr) waits->list.push_back(wait);
  };
  return options;
}

TEST(Fetch, ServesFromTheCacheUntilRecheckAndThenByEtag) {
  TinyServer server([](const std::string& request, int) {
    if (request.find("If-None-Match: \"e1\"") != std::string::npos) {
      return TinyServer::Answer(304, "");
    }
    return TinyServer::Answer(200, CrlBody(), "ETag: \"e1\"\r\n");
  });
  Fetcher fetcher(QuickOptions());
  Collateral out;
  ASSERT_TRUE(fetcher.FetchUrl(server.url() + "/crl", kNow, out));
  ASSERT_TRUE(fetcher.FetchUrl(server.url() + "/crl", kNow, out));
  EXPECT_EQ(server.requests(), 1);
  EXPECT_EQ(out.crls.size(), 1U);
  const Time next_day = kNow + std::chrono::hours(25);
  ASSERT_TRUE(fetcher.FetchUrl(server.url() + "/crl", next_day, out));
  EXPECT_EQ(server.requests(), 2);
  ASSERT_TRUE(fetcher.FetchUrl(server.url() + "/crl", next_day, out));
  EXPECT_EQ(server.requests(), 2) << "a 304 counts as a check";
}

TEST(Fetch, RefusesWhatHasEndedUnlessGraceIsGiven) {
  TinyServer server([](const std::string&, int number) {
    return number == 1 ? TinyServer::Answer(200, CrlBody()) : TinyServer::Answer(403, "");
  });
  std::string folder = (std::filesystem::temp_directory_path() / "assay-fetch-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  FetchOptions options = QuickOptions();
  options.cache_dir = std::filesystem::path(folder) / "cache";
  Collateral out;
  ASSERT_TRUE(Fetcher(options).FetchUrl(server.url(), kNow, out));
  // Another Fetcher: what it serves now comes from the disk.
  EXPECT_TRUE(Fetcher(options).FetchUrl(server.url(), kNow + std::chrono::hours(25), out));
  EXPECT_FALSE(Fetcher(options).FetchUrl(server.url(), kAfterEnd, out));
  options.grace = std::chrono::seconds(60);
  EXPECT_TRUE(Fetcher(options).FetchUrl(server.url(), kAfterEnd, out));
  EXPECT_EQ(server.requests(), 4);
  std::filesystem::remove_all(folder);
}

TEST(Fetch, WaitsAsAskedOn429AndBacksOffOn500) {
  TinyServer server([](const std::string&, int number) {
    if (number == 1) return TinyServer::Answer(500, "");
    if (number == 2) return TinyServer::Answer(429, "", "Retry-After: 7\r\n");
    if (number == 3) return TinyServer::Answer(503, "");
    return TinyServer::Answer(200, CrlBody());
  });
  Waits waits;
  Collateral out;
  const auto got = Fetcher(QuickOptions(&waits)).FetchUrl(server.url(), kNow, out);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(waits.list, (std::vector{milliseconds(500), milliseconds(7000), milliseconds(14000)}));
}

TEST(Fetch, DoesNotWaitLongerThanAllowed) {
  TinyServer server(
      [](const std::string&, int) { return TinyServer::Answer(429, "", "Retry-After: 3600\r\n"); });
  Waits waits;
  Collateral out;
  EXPECT_FALSE(Fetcher(QuickOptions(&waits)).FetchUrl(server.url(), kNow, out));
  EXPECT_EQ(server.requests(), 1);
  EXPECT_TRUE(waits.list.empty());
}

TEST(Fetch, GivesUpAfterItsAttemptsAndAtOnceOn404) {
  TinyServer server([](const std::string& request, int) {
    return TinyServer::Answer(request.starts_with("GET /none") ? 404 : 500, "");
  });
  Fetcher fetcher(QuickOptions());
  Collateral out;
  EXPECT_FALSE(fetcher.FetchUrl(server.url() + "/broken", kNow, out));
  EXPECT_EQ(server.requests(), 4);
  const auto none = fetcher.FetchUrl(server.url() + "/none", kNow, out);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kMissing);
  EXPECT_EQ(server.requests(), 5);
}

TEST(Fetch, TruncatedBodyIsRetriedAndAPortalPageRefused) {
  TinyServer server([](const std::string& request, int number) {
    if (request.starts_with("GET /portal")) return TinyServer::Answer(200, "<html>log in</html>");
    std::string answer = TinyServer::Answer(200, CrlBody());
    if (number == 1) answer.resize(answer.size() - 20);
    return answer;
  });
  Fetcher fetcher(QuickOptions());
  Collateral out;
  EXPECT_TRUE(fetcher.FetchUrl(server.url(), kNow, out));
  EXPECT_EQ(server.requests(), 2);
  EXPECT_FALSE(fetcher.FetchUrl(server.url() + "/portal", kNow, out));
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

TEST(Fetch, OneUrlIsAskedOnceByManyThreads) {
  TinyServer server([](const std::string&, int) {
    std::this_thread::sleep_for(milliseconds(50));
    return TinyServer::Answer(200, CrlBody());
  });
  Fetcher fetcher(QuickOptions());
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Collateral out;
      if (fetcher.FetchUrl(server.url(), kNow, out) && out.crls.size() == 1) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(server.requests(), 1);
}

TEST(Fetch, IntelNeedAsksEveryEndpoint) {
  const testing::Pki pki = testing::MakePki("Root", kStart, kLifetime);
  std::vector<std::string> paths;
  TinyServer server([&](const std::string& request, int) {
    paths.push_back(request.substr(4, request.find(' ', 4) - 4));
    if (paths.back().find("/tcb?") != std::string::npos) {
      return TinyServer::Answer(
          200, R"({"tcbInfo":{"nextUpdate":"2030-01-01T00:00:00Z"},"signature":"ab"})");
    }
    if (paths.back().ends_with("/identity")) {
      return TinyServer::Answer(
          200, R"({"enclaveIdentity":{"nextUpdate":"2030-01-01T00:00:00Z"},"signature":"ab"})");
    }
    return TinyServer::Answer(200, AsText(pki.crl));
  });
  FetchOptions options = QuickOptions();
  options.intel_url = server.url();
  options.intel_root_crl_url = server.url() + "/root";
  Collateral out;
  const auto got = Fetcher(options).Fetch(IntelNeed{"00906ED50000", "platform", true}, kNow, out);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(paths,
            (std::vector<std::string>{
                "/tdx/certification/v4/tcb?fmspc=00906ed50000", "/tdx/certification/v4/qe/identity",
                "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "/root"}));
  EXPECT_EQ(out.documents.size(), 2U);
}

TEST(FetchUrls, AmdFormsAndRefusals) {
  FetchOptions options;
  AmdNeed need{"Turin", Bytes(64, std::byte{0xcd}), {1, 2, 4, 5, 3}, false};
  EXPECT_EQ(AmdUrls(options, need).value()[0],
            "https://kdsintf.amd.com/vcek/v1/Turin/"
            "cdcdcdcdcdcdcdcd?fmcSPL=03&blSPL=01&teeSPL=02&snpSPL=04&ucodeSPL=05");
  need.product = "Milan";
  EXPECT_FALSE(AmdUrls(options, need)) << "an FMC level on Milan";
  need.spls.fmc.reset();
  EXPECT_TRUE(AmdUrls(options, need));
  need.chip_id.assign(64, std::byte{0});
  EXPECT_FALSE(AmdUrls(options, need));
  need.vlek = true;
  EXPECT_EQ(AmdUrls(options, need).value(),
            (std::vector<std::string>{"https://kdsintf.amd.com/vlek/v1/Milan/cert_chain",
                                      "https://kdsintf.amd.com/vlek/v1/Milan/crl"}));
  need.product = "../x";
  EXPECT_FALSE(AmdUrls(options, need));
  EXPECT_FALSE(IntelUrls(options, {"00906ED5000", "platform", false}));
  EXPECT_FALSE(IntelUrls(options, {"00906ED50000", "root&x=1", false}));
}

}  // namespace
}  // namespace assay
