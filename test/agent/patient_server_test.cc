// What one request may take of the server: a large body, and time to wait for its answer.
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "agent/tls_files.h"
#include "net/client/https_client.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kLarge = 3U << 20U;

class PatientServer : public testing::Test {
 protected:
  // "/large" may be larger than others.
  void Serve(HttpHandler handler) {
    files_ = MakeTlsFiles(folder_.path(), {"IP:127.0.0.1"});
    HttpServerOptions options;
    options.certificate_file = files_.certificate;
    options.key_file = files_.key;
    options.workers = 1 + limits::kLargeRequests;
    options.large_body_bytes = [](const HttpRequest& head) {
      EXPECT_TRUE(head.body.empty());
      if (head.path == "/throws") throw std::runtime_error("a fault of a library");
      return std::uint64_t{head.path == "/large" ? kLarge : 0};
    };
    server_ = HttpServer::Start(options, std::move(handler)).value();
  }

  Result<HttpsResponse> Send(const std::string& path, std::size_t size) const {
    HttpsUrl url;
    url.host = "127.0.0.1";
    url.port = server_->port();
    HttpsClientOptions options;
    options.ca_file = files_.ca;
    return SendHttps(url, {"POST", path, std::string(size, 'x'), {}}, options);
  }
  unsigned Status(const std::string& path, std::size_t size) const {
    const auto response = Send(path, size);
    EXPECT_TRUE(response) << response.error().message;
    return response ? response->status : 0;
  }

  TemporaryFolder folder_;
  TestTlsFiles files_;
  std::unique_ptr<HttpServer> server_;
};

HttpResponse Size(const HttpRequest& request) {
  HttpResponse out;
  out.body = std::to_string(request.body.size());
  return out;
}

TEST_F(PatientServer, TakesALargeBodyWhereItsHeadAllowsIt) {
  Serve(Size);
  EXPECT_EQ(Send("/large", kLarge)->body, std::to_string(kLarge));
  EXPECT_EQ(Status("/large", kLarge + 1), 413U);
  EXPECT_EQ(Status("/other", kLarge), 413U);
  EXPECT_EQ(Send("/other", limits::kRequestBytes)->body, std::to_string(limits::kRequestBytes));
}

TEST_F(PatientServer, OutlivesAFaultWhileItAsksHowLargeABodyMayBe) {
  Serve(Size);
  EXPECT_EQ(Status("/throws", kLarge), 413U);
  EXPECT_EQ(Status("/large", kLarge), 200U);
}

TEST_F(PatientServer, TakesAFewLargeBodiesAtATime) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<unsigned> held{0};
  Serve([&](const HttpRequest& request) {
    if (request.body.size() == kLarge) {
      ++held;
      gone.wait();
    }
    return Size(request);
  });
  std::vector<std::future<unsigned>> first;
  for (std::size_t i = 0; i < limits::kLargeRequests; ++i) {
    first.push_back(std::async(std::launch::async, [this] { return Status("/large", kLarge); }));
  }
  while (held < limits::kLargeRequests) std::this_thread::sleep_for(milliseconds(5));
  const auto refused = Send("/large", kLarge);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503U);
  EXPECT_EQ(refused->headers.at("retry-after"), "2");
  EXPECT_EQ(Status("/other", 1), 200U);
  go.set_value();
  for (auto& one : first) EXPECT_EQ(one.get(), 200U);
  EXPECT_EQ(Status("/large", kLarge), 200U);
}

// Answers when it has waited that long.
HttpHandler AfterWaiting(milliseconds time, std::atomic<unsigned>& calls) {
  return [time, &calls](const HttpRequest& request) {
    HttpResponse out = Size(request);
    if (request.path != "/wait") return out;
    ++calls;
    if (request.waited < time) out.again_in = milliseconds(20);
    return out;
  };
}

TEST_F(PatientServer, AsksTheHandlerAgainAndKeepsTheRequest) {
  std::atomic<unsigned> calls{0};
  Serve(AfterWaiting(milliseconds(100), calls));
  EXPECT_EQ(Send("/wait", 7)->body, "7");
  EXPECT_GE(calls, 2U);
}

TEST_F(PatientServer, HoldsNoWorkerForThoseWhoWait) {
  std::atomic<unsigned> calls{0};
  Serve(AfterWaiting(seconds(600), calls));
  std::vector<std::future<unsigned>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::async(std::launch::async, [this] { return Status("/wait", 1); }));
  }
  while (calls < 16) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(Status("/other", 1), 200U);
  // Who stops the server does not wait for them: they get the answer that there is.
  server_->Stop();
  for (auto& one : waiting) EXPECT_EQ(one.get(), 200U);
}

}  // namespace
}  // namespace assay
