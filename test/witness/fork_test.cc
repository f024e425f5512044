// Two ledgers from one backup, with the programs and over HTTPS: caught by the witness and by
// whoever remembers a checkpoint.
#include <filesystem>

#include "support/temporary_folder.h"
#include "witness/witness_program.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string LedgerKeyText() {
  const ledger::LedgerKeys keys = ledger::TestKeys();
  return ledger::NoteVerifier{keys.origin, ledger::NoteKeyKind::kEd25519, keys.signing.Public()}
      .ToText();
}

struct WitnessWorld {
  TemporaryFolder folder;
  std::string one = Made("one");
  std::string other = Made("other");
  WitnessProgram witness{folder.path() + "/w", "witness.example/w1", LedgerKeyText()};

  std::string Made(const std::string& name) const {
    fs::create_directories(folder.path() + "/" + name);
    return folder.path() + "/" + name;
  }
  LedgerPublisherOptions Witnessed() const {
    LedgerPublisherOptions out;
    out.witnesses = {witness.address()};
    out.ca_file = witness.ca_file();
    return out;
  }
  // By one who was at `one` before.
  int Audit(const PublishedLedger& ledger, bool witnessed = true) const {
    cli::Options options = ledger.Given();
    options.seen = folder.path() + "/seen";
    if (witnessed) options.witnesses = {witness.key()};
    return cli::RunLedgerAudit(options).value();
  }
  // By one who comes for the first time.
  int AuditAnew(const PublishedLedger& ledger) const {
    cli::Options options = ledger.Given();
    options.witnesses = {witness.key()};
    return cli::RunLedgerAudit(options).value();
  }
};

TEST(Fork, OfOneBackupIsCaughtByTheWitnessAndByTheAudit) {
  WitnessWorld world;
  {
    PublishedLedger ledger(world.one, world.Witnessed());
    ledger.Append(300);
    ASSERT_TRUE(ledger.Publish()) << ledger.said();
    EXPECT_EQ(world.Audit(ledger), cli::kExitTrusted);
  }
  fs::copy_file(world.one + "/ledger.db", world.other + "/ledger.db");
  PublishedLedger goes_on(world.one, world.Witnessed());
  goes_on.Append(20);
  ASSERT_TRUE(goes_on.Publish()) << goes_on.said();
  EXPECT_EQ(world.Audit(goes_on), cli::kExitTrusted);

  // The copy is larger, as large, or smaller: the witness cosigns none of them.
  PublishedLedger copy(world.other, world.Witnessed());
  for (const std::uint64_t more : {10U, 10U, 10U}) {
    copy.Append(more);
    EXPECT_FALSE(copy.Publish());
  }
  EXPECT_NE(copy.said().find("another tree of 320 entries"), std::string::npos) << copy.said();
  EXPECT_NE(copy.said().find("forked or put back"), std::string::npos) << copy.said();
  // It can publish nothing newer than the backup, and that is less than was seen.
  EXPECT_EQ(world.Audit(copy), cli::kExitRefused);

  // Without witnesses it publishes what it likes: caught by who remembers, and by who demands them.
  PublishedLedger alone(world.other, {});
  EXPECT_EQ(world.Audit(alone, false), cli::kExitRefused);
  EXPECT_EQ(world.AuditAnew(alone), cli::kExitRefused);
  EXPECT_EQ(world.AuditAnew(goes_on), cli::kExitTrusted);
  EXPECT_EQ(world.Audit(goes_on), cli::kExitTrusted) << "the alarms changed what was seen";
}

TEST(Fork, IsCaughtByAWitnessThatWasKilledMeanwhile) {
  WitnessWorld world;
  {
    PublishedLedger ledger(world.one, world.Witnessed());
    ledger.Append(5);
    ASSERT_TRUE(ledger.Publish());
  }
  fs::copy_file(world.one + "/ledger.db", world.other + "/ledger.db");
  PublishedLedger goes_on(world.one, world.Witnessed());
  goes_on.Append(1);
  ASSERT_TRUE(goes_on.Publish());
  const std::string key = world.witness.key();
  world.witness.Kill();
  WitnessProgram again(world.folder.path() + "/w", "witness.example/w1", LedgerKeyText());
  EXPECT_EQ(again.key(), key);
  LedgerPublisherOptions options;
  options.witnesses = {again.address()};
  options.ca_file = again.ca_file();
  PublishedLedger copy(world.other, options);
  copy.Append(1);
  EXPECT_FALSE(copy.Publish());
  EXPECT_NE(copy.said().find("forked"), std::string::npos) << copy.said();
}

TEST(Publisher, PublishesWithItsQuorumAndNotWithout) {
  WitnessWorld world;
  WitnessProgram second(world.folder.path() + "/w2", "witness.example/w2", LedgerKeyText());
  LedgerPublisherOptions options = world.Witnessed();
  // Each has its own authority: the first's is the one that is trusted here.
  options.witnesses.push_back(second.address());
  options.quorum = 1;
  PublishedLedger ledger(world.one, options);
  ledger.Append(3);
  ASSERT_TRUE(ledger.Publish()) << ledger.said();
  EXPECT_EQ(world.AuditAnew(ledger), cli::kExitTrusted);
  cli::Options both = ledger.Given();
  both.witnesses = {world.witness.key(), second.key()};
  EXPECT_EQ(cli::RunLedgerAudit(both).value(), cli::kExitRefused);
  both.quorum = 1;
  EXPECT_EQ(cli::RunLedgerAudit(both).value(), cli::kExitTrusted);
  world.witness.Kill();
  ledger.Append(3);
  EXPECT_FALSE(ledger.Publish());
  const auto report = cli::RunLedgerAudit(both);
  EXPECT_EQ(report.value(), cli::kExitTrusted) << "what was published stays";
}

TEST(Publisher, PublishesByItself) {
  WitnessWorld world;
  PublishedLedger ledger(world.one, world.Witnessed());
  ledger.publisher().Start();
  ledger.Append(3);
  EXPECT_TRUE(Within(std::chrono::seconds(20), [&] {
    const auto answer = ClientOf(ledger.Given().host_ca).Get(ledger.Given().file + "/checkpoint");
    return answer && answer->status == 200 &&
           AsText(answer->body).find("log.example/test\n3\n") == 0;
  }));
  ledger.publisher().Stop();
}

TEST(AuditOfAUrl, FetchesLittleUnlessItIsToldTo) {
  WitnessWorld world;
  PublishedLedger ledger(world.one, {});
  ledger.Append(1500);
  cli::Options options = ledger.Given();
  options.seen = world.folder.path() + "/seen";
  ASSERT_EQ(cli::RunLedgerAudit(options).value(), cli::kExitTrusted);
  ledger.Append(700);
  const std::size_t before = ledger.requests();
  EXPECT_EQ(cli::RunLedgerAudit(options).value(), cli::kExitTrusted);
  EXPECT_LE(ledger.requests() - before, 5U);
  options.full = true;
  EXPECT_EQ(cli::RunLedgerAudit(options).value(), cli::kExitTrusted);
  EXPECT_EQ(cli::RunLedgerVerify(options).value(), cli::kExitTrusted);
  options.full = false;
  options.url = options.file;
  options.out = world.folder.path() + "/tree";
  ASSERT_EQ(cli::RunLedgerExport(options).value(), cli::kExitTrusted);
  options.file = options.out;
  EXPECT_EQ(cli::RunLedgerAudit(options).value(), cli::kExitTrusted);
}

TEST(AuditOfAUrl, IsNoVerdictWhereNothingAnswers) {
  cli::Options options;
  options.log_key = LedgerKeyText();
  options.file = "https://127.0.0.1:1/ledger";
  EXPECT_FALSE(cli::RunLedgerAudit(options));
  options.file = "http://127.0.0.1:1/ledger";
  EXPECT_FALSE(cli::RunLedgerAudit(options));
}

TEST(WitnessProgram, AnswersAsTheSpecificationHasIt) {
  WitnessWorld world;
  const HttpClient client = ClientOf(world.witness.ca_file());
  const std::string add = world.witness.url() + "/add-checkpoint";
  EXPECT_EQ(client.Get(add)->status, 405);
  EXPECT_EQ(client.Post(world.witness.url() + "/other", "x")->status, 404);
  EXPECT_EQ(client.Post(add, "x")->status, 400);
  PublishedLedger ledger(world.one, world.Witnessed());
  ledger.Append(2);
  ASSERT_TRUE(ledger.Publish());
  const auto note =
      ClientOf(ledger.Given().host_ca).Get(ledger.Given().file + "/checkpoint").value();
  const auto answer = client.Post(add, "old 1\n\n" + std::string(AsText(note.body))).value();
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.headers.at("content-type"), "text/x.tlog.size");
  EXPECT_EQ(AsText(answer.body), "2\n");
}

TEST(WitnessProgram, DoesNotStartUnderAnotherName) {
  WitnessWorld world;
  world.witness.Kill();
  Child other({ASSAY_PROGRAM, "witness", "--state", world.folder.path() + "/w/state", "--name",
               "witness.example/other", "--log", LedgerKeyText(), "--port", "0"},
              world.folder.path());
  EXPECT_EQ(other.Wait(), 2);
  EXPECT_NE(other.Errors().find("witness.example/w1"), std::string::npos) << other.Errors();
}

}  // namespace
}  // namespace assay
