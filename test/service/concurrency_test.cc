// Many requests at once, over TLS, while collateral and certificate are replaced and the server is
// stopped. Run under ThreadSanitizer in CI.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "api/router.h"
#include "base/encoding.h"
#include "net/http_client.h"
#include "server/state_dir.h"
#include "simulate/simulate.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

// The TLS client compares the server's certificate with the real clock.
Time WallClock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

constexpr int kClients = 4;
constexpr int kRequests = 25;

// Everything of `assay serve` but its signals and its log.
struct Crowded {
  TemporaryFolder folder;
  simulate::Simulation simulation = simulate::Simulate("sgx", "").value();
  Appraiser appraiser{simulation.roots};
  ServiceState state = OpenStateDir(folder.path() + "/state", "https://localhost", "localhost",
                                    true, TokenAlgorithm::kRs256, WallClock())
                           .value();
  FixedSource source{std::make_shared<const Collateral>(simulation.collateral)};
  AttestService service{appraiser, source, state.signers, Options()};
  std::unique_ptr<HttpServer> server = Start();

  AttestServiceOptions Options() const {
    AttestServiceOptions out;
    out.issuer = "https://localhost";
    out.clock = WallClock;
    out.evidence_clock = [at = simulation.at] { return at; };
    return out;
  }

  std::unique_ptr<HttpServer> Start() {
    HttpServerOptions options;
    options.certificate_file = state.tls_cert_file;
    options.key_file = state.tls_key_file;
    options.workers = 2;
    return HttpServer::Start(options,
                             [this](const HttpRequest& request) { return Route(service, request); })
        .value();
  }
};

TEST(Concurrency, AttestsWhileEverythingAroundItIsReplaced) {
  Crowded running;
  const std::string quote = Base64UrlEncode(running.simulation.evidence);
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      HttpRequest request;
      request.method = "POST";
      request.path = "/attest/SgxEnclave";
      request.query = "api-version=2022-08-01";
      request.body = json::Write(json::Object{{"quote", quote}});
      for (int n = 0; n < kRequests; ++n) {
        if (Route(running.service, request).status == 200) ++good;
      }
    });
  }
  std::atomic<bool> done{false};
  std::thread replacer([&] {
    while (!done) {
      running.source.Replace(std::make_shared<const Collateral>(running.simulation.collateral));
      EXPECT_TRUE(running.server->ReloadTls().has_value());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (auto& client : clients) client.join();
  done = true;
  replacer.join();
  EXPECT_EQ(good, kClients * kRequests);
}

TEST(Concurrency, AnswersManyConnectionsAndStops) {
  Crowded running;
  HttpClientOptions options;
  options.ca_file = running.state.ca_file;
  const std::string url =
      "https://localhost:" + std::to_string(running.server->port()) + "/metrics";
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const HttpClient client(options);
      for (int n = 0; n < kRequests; ++n) {
        const auto answer = client.Get(url);
        if (answer && answer->status == 200) ++good;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, kClients * kRequests);
  running.server->Stop();
  EXPECT_FALSE(HttpClient(options).Get(url).has_value()) << "a stopped server answers nobody";
}

}  // namespace
}  // namespace assay
