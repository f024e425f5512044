// Answers that come later, without a worker that waits for them.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "agent/tls_files.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

// What becomes durable when the test says so.
class Disk {
 public:
  void Then(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(call));
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  void Flush() {
    std::vector<std::function<void()>> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(waiting_);
    }
    for (const auto& call : all) call();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
};

class LaterAnswers : public testing::Test {
 protected:
  LaterAnswers() {
    files_ = MakeTlsFiles(folder_.path(), {"IP:127.0.0.1"});
    HttpServerOptions options;
    options.certificate_file = files_.certificate;
    options.key_file = files_.key;
    options.workers = 1;
    server_ = HttpServer::Start(options, [this](const HttpRequest& request) {
                return Handle(request);
              }).value();
  }

  HttpResponse Handle(const HttpRequest& request) {
    HttpResponse out;
    out.body = request.path;
    if (request.path == "/now") return out;
    const bool at_once = request.path == "/at-once";
    out.later = std::make_shared<const LaterAnswer>(
        LaterAnswer{[this, at_once](std::function<void()> call) {
                      if (at_once) return call();
                      disk_.Then(std::move(call));
                    },
                    [this, &request] {
                      if (request.path == "/throws")
                        throw std::runtime_error("a fault of a library");
                      HttpResponse rest;
                      rest.body = "later " + request.path;
                      if (request.path != "/twice" || ++asked_ > 1) return rest;
                      rest.later = std::make_shared<const LaterAnswer>(LaterAnswer{
                          [this](std::function<void()> call) { disk_.Then(std::move(call)); },
                          [] {
                            HttpResponse last;
                            last.body = "the second time";
                            return last;
                          }});
                      return rest;
                    }});
    return out;
  }

  std::future<std::string> Send(const std::string& path) {
    return std::async(std::launch::async, [this, path] {
      HttpClientOptions options;
      options.ca_file = files_.ca;
      const auto response =
          HttpClient(options).Get("https://127.0.0.1:" + std::to_string(server_->port()) + path);
      return response ? std::to_string(response->status) + " " + std::string(AsText(response->body))
                      : response.error().message;
    });
  }
  void AwaitWaiting(std::size_t count) {
    while (disk_.waiting() < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  TemporaryFolder folder_;
  TestTlsFiles files_;
  Disk disk_;
  std::atomic<int> asked_{0};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(LaterAnswers, HoldNoWorker) {
  std::vector<std::future<std::string>> all;
  for (int i = 0; i < 8; ++i) all.push_back(Send("/later"));
  AwaitWaiting(8);
  EXPECT_EQ(Send("/now").get(), "200 /now") << "the only worker is free";
  disk_.Flush();
  for (auto& one : all) EXPECT_EQ(one.get(), "200 later /later");
}

TEST_F(LaterAnswers, MayBeThereAtOnce) { EXPECT_EQ(Send("/at-once").get(), "200 later /at-once"); }

TEST_F(LaterAnswers, MayHaveToWaitAgain) {
  auto answer = Send("/twice");
  AwaitWaiting(1);
  disk_.Flush();
  AwaitWaiting(1);
  disk_.Flush();
  EXPECT_EQ(answer.get(), "200 the second time");
}

TEST_F(LaterAnswers, EndTheirRequestAloneWhenTheyThrow) {
  auto answer = Send("/throws");
  AwaitWaiting(1);
  disk_.Flush();
  EXPECT_EQ(answer.get().substr(0, 4), "500 ");
  EXPECT_EQ(Send("/now").get(), "200 /now");
}

TEST_F(LaterAnswers, AreStillGivenByAServerThatStops) {
  auto answer = Send("/later");
  AwaitWaiting(1);
  std::thread stops([this] { server_->Stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  disk_.Flush();
  EXPECT_EQ(answer.get(), "200 later /later");
  stops.join();
}

}  // namespace
}  // namespace assay
