// The ledger in a state folder, across restarts and beside other processes.
#include "server/service_ledger.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "server/service_keys.h"
#include "server/service_options.h"
#include "service/simulated_service.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

class ServiceLedgerFiles : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ServiceLedger>> Open(const std::string& origin = "a.example/ledger") {
    return ServiceLedger::Open({folder_.path(), origin, [] { return FromUnixSeconds(kTokenTime); },
                                [](std::string_view, const json::Object&) {}});
  }
  std::string PathOf(const char* name) const { return folder_.path() + "/" + name; }

  TemporaryFolder folder_;
};

TEST_F(ServiceLedgerFiles, KeepsItsNameAndKeysAcrossRestarts) {
  std::string key;
  {
    const auto first = Open().value();
    key = first->service().ledger().verifier().ToText();
    ASSERT_TRUE(first->Configured("start", {{"issuer", "https://a.example"}}));
  }
  const auto again = Open("b.example/ledger").value();
  EXPECT_EQ(again->service().ledger().verifier().ToText(), key);
  EXPECT_EQ(again->service().ledger().checkpoint().size, 1U);
  for (const char* name : {"ledger-signing.key", "ledger-data.key"}) {
    struct stat info {};
    ASSERT_EQ(stat(PathOf(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
    EXPECT_EQ(info.st_size, 32) << name;
  }
}

TEST_F(ServiceLedgerFiles, DoesNotOpenWithoutItsOwnKeys) {
  ASSERT_TRUE(Open());
  for (const char* name : {"ledger-signing.key", "ledger-data.key"}) {
    fs::copy_file(PathOf(name), PathOf("kept"));
    fs::resize_file(PathOf(name), 31);
    EXPECT_FALSE(Open()) << name << " is too short";
    fs::resize_file(PathOf(name), 33);
    EXPECT_FALSE(Open()) << name << " is too long";
    fs::rename(PathOf("kept"), PathOf(name));
    ASSERT_TRUE(Open());
  }
  ASSERT_TRUE(Open().value()->Configured("start", {}));
  fs::rename(PathOf("ledger-data.key"), PathOf("kept"));
  EXPECT_FALSE(Open()) << "a new key does not open what rests under the old one";
  fs::rename(PathOf("kept"), PathOf("ledger-data.key"));
  ASSERT_TRUE(Open());
  fs::remove(PathOf("ledger-signing.key"));
  EXPECT_FALSE(Open()) << "a new key does not sign on for the old one";
}

TEST_F(ServiceLedgerFiles, NamesTheProgramAndItsConfigurationInEachRecord) {
  const auto ledger = Open().value();
  const json::Object configuration{{"issuer", "https://a.example"}};
  ASSERT_TRUE(ledger->Configured("start", configuration));
  const ledger::Record record = *ledger->service().ledger().Read(0)->record;
  EXPECT_EQ(record.configuration, Sha256(AsBytes(json::Write(configuration))));
  std::ifstream self("/proc/self/exe", std::ios::binary);
  const std::string program((std::istreambuf_iterator<char>(self)), {});
  EXPECT_EQ(record.build, Sha256(AsBytes(program)));
}

TEST_F(ServiceLedgerFiles, TakesActsOfTheCommandLineBesideTheService) {
  const Time now = FromUnixSeconds(kTokenTime);
  ASSERT_TRUE(RecordLocalAct(folder_.path(), "token keys", {{"act", "rotate"}}, now));
  EXPECT_FALSE(fs::exists(PathOf("ledger.db"))) << "where there is no ledger there is none to keep";
  const auto running = Open().value();
  ASSERT_TRUE(running->Configured("start", {}));
  ASSERT_TRUE(RecordLocalAct(folder_.path(), "token keys", {{"act", "rotate"}}, now));
  ASSERT_TRUE(running->Configured("reload", {}));
  ledger::Ledger& ledger = running->service().ledger();
  EXPECT_EQ(ledger.checkpoint().size, 3U);
  EXPECT_EQ(ledger.Read(1)->record->actor, "command line");
  EXPECT_EQ(ledger.Read(1)->record->subject, "token keys");
}

// What nobody asked for: the monitor and the vault found it due.
TEST_F(ServiceLedgerFiles, TakesASilenceThatTheMonitorFound) {
  const auto running = Open().value();
  const ServiceMachinesOptions machines = MachinesOptionsOf({}, running.get());
  monitor::Change change;
  change.fleet = "shared";
  change.machine.id = "m-1";
  change.event.what = "trusted";
  machines.machines.fleet.on_change(change);
  ledger::Ledger& ledger = running->service().ledger();
  EXPECT_EQ(ledger.checkpoint().size, 0U) << "it is recorded where it is answered";
  change.event.what = "unreachable";
  machines.machines.fleet.on_change(change);
  ASSERT_EQ(ledger.checkpoint().size, 1U);
  EXPECT_EQ(ledger.Read(0)->record->kind, ledger::RecordKind::kDrift);
  EXPECT_EQ(ledger.Read(0)->record->subject, "machine m-1");
}

TEST_F(ServiceLedgerFiles, TakesWhatTheVaultDidBecauseItWasDue) {
  const auto running = Open().value();
  std::ofstream(PathOf("kek.pass")) << "correct horse battery";
  fs::permissions(PathOf("kek.pass"), fs::perms::owner_read);
  const Time made = FromUnixSeconds(kTokenTime);
  ServiceKeysOptions options;
  options.state_dir = folder_.path();
  options.kek.passphrase_file = PathOf("kek.pass");
  options.clock = [made] { return made + std::chrono::hours(24 * 200); };
  options.log = [](std::string_view, const json::Object&) {};
  const auto keys = ServiceKeys::Open(std::move(options)).value();
  keys->service().decisions = &running->service().decisions();
  keys::Vault& vault = keys->service().vault;
  const auto policy = keys::ParseRotationPolicy(
      json::Parse(R"({"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},)"
                  R"("action":{"type":"Rotate"}}]})")
          .value());
  for (const char* name : {"due", "gone"}) {
    ASSERT_TRUE(vault.Create(name, {keys::KeyKind::kEc}, {}, made));
  }
  ASSERT_TRUE(vault.SetRotationPolicy("due", policy.value(), made));
  ASSERT_TRUE(vault.Delete("gone", made));
  keys->Start();
  ledger::Ledger& ledger = running->service().ledger();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (ledger.checkpoint().size < 2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  keys->Stop();
  ASSERT_EQ(ledger.checkpoint().size, 2U);
  EXPECT_EQ(ledger.Read(0)->record->kind, ledger::RecordKind::kKeyCreation);
  EXPECT_EQ(ledger.Read(0)->record->subject, "/keys/due");
  EXPECT_EQ(ledger.Read(1)->record->kind, ledger::RecordKind::kAdministration);
  EXPECT_EQ(ledger.Read(1)->record->subject, "/keys/gone");
}

}  // namespace
}  // namespace assay
