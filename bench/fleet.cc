// Thousands of simulated machines that attest to a running service, each once in an interval.
//
//   assay_fleet_load URL CA STATE MACHINES SECONDS INTERVAL
//
// It enrols and approves them in the state folder first, says "prepared", and waits until a service
// answers at URL. In the end it prints one JSON object: how many attestations were answered how
// fast. Each machine opens a connection for each request, as the agent does.
#include "monitor/fleet.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "net/client/https_client.h"
#include "simulate/machine.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::bench {
namespace {

using simulate::SimulatedMachine;
using Clock = std::chrono::steady_clock;

[[noreturn]] void Stop(const std::string& why) {
  fmt::print(stderr, "fleet: {}\n", why);
  std::exit(2);
}

struct Watched {
  SimulatedMachine machine;
  std::string id;
};

// Commits travel together, so that the disk is asked some hundred times only.
std::vector<Watched> Prepare(const std::string& state, std::size_t count) {
  auto sqlite = store::OpenSqliteStore(state + "/machines.db");
  if (!sqlite) Stop(sqlite.error().message);
  const auto store = store::GroupCommits(std::move(*sqlite));
  monitor::Fleet fleet(*store, "shared", {});
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::vector<Watched> out;
  for (std::size_t i = 0; i < count; ++i) {
    SimulatedMachine machine = SimulatedMachine::Make().value();
    const std::string id = monitor::MachineId(machine.ak_name());
    out.push_back({std::move(machine), id});
    // Indices are given one after the other.
    const auto enrolled = fleet.Enrol({out.back().machine.ak_name(),
                                       out.back().machine.ak_spki(),
                                       fmt::format("m{}", i),
                                       "ek-certificate",
                                       "simulated",
                                       {}},
                                      now);
    if (!enrolled) Stop(enrolled.error().message);
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = next++; n < out.size(); n = next++) {
        const auto approved = fleet.Approve(out[n].id, "", now);
        if (!approved) Stop(approved.error().message);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  return out;
}

class Load {
 public:
  Load(HttpsUrl url, std::string ca) : url_(std::move(url)) { options_.ca_file = std::move(ca); }

  bool WaitForService() {
    for (int i = 0; i < 300; ++i) {
      HttpsRequest request;
      request.method = "GET";
      request.target = "/healthz";
      const auto answer = SendHttps(url_, request, options_);
      if (answer && answer->status == 200) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  // One challenge and its answer. Milliseconds of both requests; nothing if it was not trusted.
  void Attest(Watched& one) {
    const auto start = Clock::now();
    const auto challenge = Send("/machines/" + one.id + ":challenge", "");
    const json::Value* nonce = challenge.Find("nonce");
    if (nonce == nullptr || nonce->AsString() == nullptr) return Count(challenge, start);
    simulate::LeftOut left_out;
    const json::Value* known = challenge.Find("ima_known");
    if (known != nullptr && known->AsInt() != nullptr && *known->AsInt() > 0) {
      left_out = {true, static_cast<std::size_t>(*known->AsInt())};
    }
    const auto evidence =
        one.machine.Answer(Base64UrlDecode(*nonce->AsString()).value_or(Bytes()), left_out);
    if (!evidence) return;
    Count(Send("/machines/" + one.id + ":attest?nonce=" + *nonce->AsString(), *evidence), start);
  }

  json::Object Result() const {
    std::vector<double> sorted = milliseconds_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&sorted](double part) {
      if (sorted.empty()) return 0.0;
      return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
    };
    return {{"attested", std::int64_t(sorted.size())},
            {"failed", std::int64_t(failed_)},
            {"p50_ms", at(0.5)},
            {"p99_ms", at(0.99)},
            {"first_failure", first_failure_}};
  }

 private:
  json::Value Send(const std::string& target, std::string body) {
    HttpsRequest request;
    request.target = target;
    request.body = std::move(body);
    const auto answer = SendHttps(url_, request, options_);
    if (!answer) return json::Object{{"error", answer.error().message}};
    return json::Parse(answer->body).value_or(json::Value());
  }

  void Count(const json::Value& answer, Clock::time_point start) {
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    const std::lock_guard lock(mutex_);
    if (answer.Find("token") != nullptr) {
      milliseconds_.push_back(took.count());
    } else if (failed_++ == 0) {
      first_failure_ = json::Write(answer);
    }
  }

  const HttpsUrl url_;
  HttpsClientOptions options_;
  std::mutex mutex_;  // guards what follows
  std::vector<double> milliseconds_;
  std::size_t failed_ = 0;
  std::string first_failure_;
};

// Machine i is due at i/n of each interval; a few threads take what is due.
void Run(std::vector<Watched>& machines, Load& load, int seconds, int interval) {
  const auto start = Clock::now();
  const auto total =
      static_cast<std::size_t>(seconds) * machines.size() / static_cast<std::size_t>(interval);
  const std::chrono::duration<double> step(static_cast<double>(interval) /
                                           static_cast<double>(machines.size()));
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = next++; n < total; n = next++) {
        std::this_thread::sleep_until(
            start + std::chrono::duration_cast<Clock::duration>(step * static_cast<double>(n)));
        load.Attest(machines[n % machines.size()]);
      }
    });
  }
  for (std::thread& one : threads) one.join();
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto url = arguments.size() == 6 ? ParseHttpsUrl(arguments[0])
                                         : Result<HttpsUrl>(tl::unexpected(Error{}));
  if (!url) bench::Stop("usage: assay_fleet_load URL CA STATE MACHINES SECONDS INTERVAL");
  auto machines = bench::Prepare(arguments[2], std::stoul(arguments[3]));
  fmt::print("prepared\n");
  std::fflush(stdout);
  bench::Load load(*url, arguments[1]);
  if (!load.WaitForService()) bench::Stop("no service answers at " + arguments[0]);
  bench::Run(machines, load, std::stoi(arguments[4]), std::stoi(arguments[5]));
  fmt::print("{}\n", json::Write(load.Result()));
  return 0;
}
