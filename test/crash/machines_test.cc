// The service is killed at any moment while machines enrol and attest: what it acknowledged is
// there, whole, after the next start.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <random>
#include <thread>

#include "api/router.h"
#include "base/encoding.h"
#include "service/simulated_service.h"
#include "simulate/machine.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using simulate::SimulatedMachine;

// What a client was told: that its machine is enrolled, or that its evidence was good.
struct Told {
  char machine[32];
  char evidence[64];  // zeros: enrolled
};

// One process: store, service and clients in threads. All but the network is as in the program.
class Process {
 public:
  explicit Process(const std::string& file)
      : store_(store::GroupCommits(store::OpenSqliteStore(file).value())),
        service_(appraiser_, source_, {MakeSigner()}, Options()),
        machines_(MachineService::Make(*store_, ServiceOptions()).value()),
        site_{service_, nullptr, GateWithoutIdentities(true), machines_.get()} {}

  static AttestServiceOptions Options() {
    AttestServiceOptions out;
    out.issuer = "https://attest.example";
    out.clock = out.evidence_clock = Now;
    return out;
  }

  static MachineServiceOptions ServiceOptions() {
    MachineServiceOptions out;
    out.clock = Now;
    return out;
  }

  static Time Now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

  std::string Enrol(const SimulatedMachine& machine) {
    const auto enrolled =
        Fleet().Enrol({machine.ak_name(), "", "", "ek-certificate", "ab12", {}}, Now());
    return enrolled ? enrolled->id : std::string();
  }
  bool Attest(const std::string& id, const std::string& nonce, const std::string& evidence) {
    return Post("/machines/" + id + ":attest", evidence, "nonce=" + nonce).status == 200;
  }
  std::string Nonce(const std::string& id) {
    const auto body = json::Parse(Post("/machines/" + id + ":challenge", "", "").body).value();
    return *body.Find("nonce")->AsString();
  }
  monitor::Fleet& Fleet() { return machines_->FleetOf(service_); }

 private:
  HttpResponse Post(std::string path, std::string body, std::string query) {
    HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    return Route(site_, request);
  }

  std::unique_ptr<store::Store> store_;
  Appraiser appraiser_{TrustedRoots{}};
  FixedSource source_{std::make_shared<const Collateral>()};
  AttestService service_;
  std::unique_ptr<MachineService> machines_;
  const Site site_;
};

void Tell(int pipe, const std::string& machine, const std::string& evidence) {
  Told told{};
  std::memcpy(told.machine, machine.data(), sizeof told.machine);
  std::memcpy(told.evidence, evidence.data(), std::min(evidence.size(), sizeof told.evidence));
  if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
}

// Enrols machines and attests each some times, for ever.
void Client(Process& process, int pipe) {
  for (;;) {
    const auto machine = SimulatedMachine::Make().value();
    const std::string id = process.Enrol(machine);
    if (id.empty()) ::_exit(2);
    Tell(pipe, id, "");
    if (!process.Fleet().Approve(id, "", Process::Now())) ::_exit(3);
    for (int i = 0; i < 3; ++i) {
      const std::string nonce = process.Nonce(id);
      const std::string evidence = machine.Answer(Base64UrlDecode(nonce).value()).value();
      if (!process.Attest(id, nonce, evidence)) ::_exit(4);
      Tell(pipe, id, HexEncode(Sha256(AsBytes(evidence))));
    }
  }
}

[[noreturn]] void RunUntilKilled(const std::string& file, int pipe) {
  Process process(file);
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back([&] { Client(process, pipe); });
  for (std::thread& one : clients) one.join();
  ::_exit(5);
}

// What clients were told in one life of the process, in its order.
std::vector<Told> KillAfter(std::chrono::microseconds time, const std::string& file) {
  int pipe[2];
  if (::pipe(pipe) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) RunUntilKilled(file, pipe[1]);
  ::close(pipe[1]);
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
  std::vector<Told> out;
  Told told{};
  while (::read(pipe[0], &told, sizeof told) == sizeof told) out.push_back(told);
  ::close(pipe[0]);
  return out;
}

TEST(MachineCrash, NoAcknowledgedEnrolmentOrVerdictIsLost) {
  constexpr int kRounds = 200;
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/machines.db";
  std::minstd_rand random(20261125);
  std::uniform_int_distribution<int> microseconds(5'000, 60'000);
  // By machine: the verdicts that were told, in their order.
  std::map<std::string, std::vector<std::string>> acknowledged;
  std::size_t enrolments = 0, verdicts = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (const Told& told : KillAfter(std::chrono::microseconds(microseconds(random)), file)) {
      auto& told_so_far = acknowledged[std::string(told.machine, sizeof told.machine)];
      if (told.evidence[0] == 0) {
        ++enrolments;
      } else {
        ++verdicts;
        told_so_far.emplace_back(told.evidence, sizeof told.evidence);
      }
    }
    Process process(file);
    for (const auto& [id, evidence] : acknowledged) {
      const auto machine = process.Fleet().Get(id);
      ASSERT_TRUE(machine) << "round " << round << ": lost: " << machine.error().message;
      if (evidence.empty()) continue;
      ASSERT_EQ(machine->state, monitor::MachineState::kTrusted) << "round " << round;
      // The last one that was told, or one that was committed and not yet told: never an older one.
      const auto found = std::find(evidence.begin(), evidence.end(), machine->last.evidence_sha256);
      EXPECT_TRUE(found == evidence.end() || found + 1 == evidence.end()) << "round " << round;
    }
  }
  EXPECT_GT(enrolments, 0U);
  EXPECT_GT(verdicts, 0U);
  std::cout << kRounds << " kills: " << enrolments << " acknowledged enrolments and " << verdicts
            << " verdicts, none lost\n";
}

}  // namespace
}  // namespace assay
