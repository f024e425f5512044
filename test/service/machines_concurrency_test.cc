// Machines that attest at a time, while others are approved and listed: for the thread sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "service/watched_service.h"

namespace assay {
namespace {

using simulate::SimulatedMachine;

TEST(MachinesAtATime, AllGetTheirTokens) {
  WatchedService service;
  constexpr int kThreads = 4, kRounds = 8;
  std::vector<SimulatedMachine> machines;
  std::vector<std::string> ids;
  for (int i = 0; i < kThreads; ++i) {
    machines.push_back(SimulatedMachine::Make().value());
    ids.push_back(service.Enrol(machines.back()));
  }
  std::atomic<int> trusted{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        const HttpResponse own = service.Attest(ids[i], machines[i]);
        if (own.status == 200) ++trusted;
        // All of them at one machine: each has its own challenge.
        if (service.Attest(ids[0], machines[0]).status == 200) ++trusted;
      }
    });
  }
  threads.emplace_back([&] {
    for (int round = 0; round < kRounds; ++round) {
      EXPECT_TRUE(service.machines().Inspect(service.now));
      EXPECT_EQ(service.Send("GET", "/status-list").status, 200U);
      EXPECT_EQ(service.Send("GET", "/machines").status, 200U);
    }
  });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(trusted, 2 * kThreads * kRounds);
}

// One challenge, many answers: one of them counts.
TEST(MachinesAtATime, AChallengeIsUsedOnce) {
  WatchedService service;
  const auto machine = SimulatedMachine::Make().value();
  const std::string id = service.Enrol(machine);
  const std::string nonce = service.Nonce(id);
  const std::string evidence = machine.Answer(Base64UrlDecode(nonce).value()).value();
  std::atomic<int> trusted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (service.Post(id, nonce, evidence).status == 200) ++trusted;
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(trusted, 1);
}

}  // namespace
}  // namespace assay
