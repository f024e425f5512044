// A load generator: posts one request over and over on TLS connections that are kept alive.
//
// assay_load PORT PATH BODY_FILE CONNECTIONS SECONDS [REQUESTS]: stops at whichever comes first and
// prints one JSON object. The server's certificate is not checked: nothing here is secret.
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Plan {
  std::uint16_t port = 0;
  std::string request;
  Clock::time_point end;
  std::atomic<long> left{0};
};

struct Tally {
  std::vector<float> latencies;  // µs
  long failed = 0;
};

struct Connection {
  explicit Connection(SSL_CTX* context) : ssl(SSL_new(context), SSL_free) {}
  ~Connection() {
    if (fd >= 0) close(fd);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool Open(std::uint16_t port) {
    fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return ssl && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
           SSL_set_fd(ssl.get(), fd) == 1 && SSL_connect(ssl.get()) == 1;
  }

  // The status of the answer, read to its end; 0 if the connection broke.
  int Ask(const std::string& request) {
    if (SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) <= 0) return 0;
    std::string answer;
    std::size_t wanted = std::string::npos;
    char buffer[16384];
    while (answer.size() < wanted) {
      const int size = SSL_read(ssl.get(), buffer, sizeof buffer);
      if (size <= 0) return 0;
      answer.append(buffer, static_cast<std::size_t>(size));
      const std::size_t head = answer.find("\r\n\r\n");
      if (wanted != std::string::npos || head == std::string::npos) continue;
      const std::size_t length = answer.find("Content-Length: ");
      if (length > head) return 0;
      wanted = head + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10);
    }
    return std::atoi(answer.c_str() + 9);
  }

  std::unique_ptr<SSL, decltype(&SSL_free)> ssl;
  int fd = -1;
};

void Work(SSL_CTX* context, Plan& plan, Tally& tally) {
  auto connection = std::make_unique<Connection>(context);
  bool open = connection->Open(plan.port);
  while (Clock::now() < plan.end && plan.left.fetch_sub(1) > 0) {
    const auto start = Clock::now();
    const int status = open ? connection->Ask(plan.request) : 0;
    const std::chrono::duration<float, std::micro> took = Clock::now() - start;
    if (status == 200) {
      tally.latencies.push_back(took.count());
      continue;
    }
    ++tally.failed;
    if (status != 0) continue;
    connection = std::make_unique<Connection>(context);  // the server ends a connection in time
    open = connection->Open(plan.port);
  }
}

std::string Request(const char* path, const char* body_file) {
  std::ifstream in(body_file, std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(in), {}};
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, body.size(), body);
}

void Print(std::vector<Tally>& tallies, double seconds) {
  std::vector<float> all;
  long failed = 0;
  for (const Tally& tally : tallies) {
    all.insert(all.end(), tally.latencies.begin(), tally.latencies.end());
    failed += tally.failed;
  }
  std::sort(all.begin(), all.end());
  const auto at = [&](std::size_t percent) {
    return all.empty() ? 0.0F : all[(all.size() - 1) * percent / 100];
  };
  fmt::print(R"({{"requests":{},"failed":{},"seconds":{:.3f},"p50_us":{:.0f},"p99_us":{:.0f}}})"
             "\n",
             all.size(), failed, seconds, at(50), at(99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fmt::print(stderr, "usage: assay_load PORT PATH BODY_FILE CONNECTIONS SECONDS [REQUESTS]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  Plan plan;
  plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  plan.request = Request(argv[2], argv[3]);
  const auto start = Clock::now();
  plan.end = start + std::chrono::seconds(std::atoi(argv[5]));
  plan.left = argc > 6 ? std::atol(argv[6]) : 1'000'000'000L;
  std::vector<Tally> tallies(static_cast<std::size_t>(std::max(1, std::atoi(argv[4]))));
  std::vector<std::thread> threads;
  for (Tally& tally : tallies) {
    threads.emplace_back([&] { Work(context.get(), plan, tally); });
  }
  for (std::thread& thread : threads) thread.join();
  Print(tallies, std::chrono::duration<double>(Clock::now() - start).count());
  return 0;
}
