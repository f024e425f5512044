// `assay ledger` on a state folder, and on what it wrote.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/files.h"
#include "ledger/testing_ledger.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::cli {
namespace {

struct LedgerState {
  TemporaryFolder folder;
  std::string state = folder.path() + "/state";
  std::string tree = folder.path() + "/tree";
  std::string seen = folder.path() + "/seen";
  std::string proof = folder.path() + "/proof.json";
  std::string key;

  // Appends, and writes the proof of entry 0.
  void Append(std::uint64_t from, std::uint64_t to) {
    std::filesystem::create_directories(state);
    const auto store = store::OpenSqliteStore(LedgerStoreFile(state)).value();
    const auto opened = ledger::Ledger::Open(*store, ledger::TestKeys()).value();
    for (std::uint64_t i = from; i < to; ++i) opened->Append(ledger::TestRecord(i)).value();
    key = opened->verifier().ToText();
    const std::string document = WriteEntryProof(opened->Prove(0).value());
    EXPECT_TRUE(WriteFile(proof, AsBytes(document)));
  }
  Options Given(std::string file) const {
    Options out;
    out.state_dir = state;
    out.out = tree;
    out.file = std::move(file);
    out.log_key = key;
    out.seen = seen;
    out.json = true;
    return out;
  }
  void Export() const { EXPECT_EQ(RunLedgerExport(Given("")).value(), kExitTrusted); }
  int Audit() const { return RunLedgerAudit(Given(tree)).value(); }
  // Another history after the first `kept` entries.
  void Fork(std::uint64_t kept, std::uint64_t count) {
    std::filesystem::remove_all(state);
    std::filesystem::remove_all(tree);
    Append(0, kept);
    Append(1000, 1000 + count);
    Export();
  }
};

TEST(LedgerCommands, FollowATreeThatGrows) {
  LedgerState state;
  state.Append(0, 300);
  state.Export();
  EXPECT_EQ(state.Audit(), kExitTrusted);
  state.Append(300, 600);
  state.Export();
  EXPECT_EQ(state.Audit(), kExitTrusted);
  EXPECT_EQ(RunLedgerVerify(state.Given(state.tree)).value(), kExitTrusted);
}

TEST(LedgerCommands, RefuseATreeThatWasChanged) {
  LedgerState state;
  state.Append(0, 300);
  state.Export();
  const std::string bundle = state.tree + "/tile/entries/001.p/44";
  Bytes content = ReadFile(bundle, 1U << 20U).value();
  content.back() ^= std::byte{1};
  ASSERT_TRUE(WriteFile(bundle, content));
  EXPECT_EQ(RunLedgerVerify(state.Given(state.tree)).value(), kExitRefused);
  EXPECT_EQ(state.Audit(), kExitRefused);
  EXPECT_FALSE(std::filesystem::exists(state.seen));
}

// Salts are random, so the same records again are another tree.
TEST(LedgerCommands, AlarmOnAForkAndARollback) {
  LedgerState state;
  state.Append(0, 10);
  state.Export();
  ASSERT_EQ(state.Audit(), kExitTrusted);
  const Bytes remembered = ReadFile(state.seen, 4096).value();
  state.Fork(10, 5);
  EXPECT_EQ(RunLedgerVerify(state.Given(state.tree)).value(), kExitTrusted);
  EXPECT_EQ(state.Audit(), kExitRefused);
  state.Fork(5, 1);
  EXPECT_EQ(state.Audit(), kExitRefused);
  EXPECT_EQ(ReadFile(state.seen, 4096).value(), remembered);
}

TEST(LedgerCommands, VerifyAnEntryByItsProof) {
  LedgerState state;
  state.Append(0, 3);
  EXPECT_EQ(RunLedgerVerify(state.Given(state.proof)).value(), kExitTrusted);
  Options other = state.Given(state.proof);
  other.log_key = ledger::NoteVerifier{"log.example/test", ledger::NoteKeyKind::kEd25519,
                                       Ed25519Key::Generate().value().Public()}
                      .ToText();
  EXPECT_EQ(RunLedgerVerify(other).value(), kExitRefused);
  ASSERT_TRUE(WriteFile(state.proof, AsBytes("{}")));
  EXPECT_FALSE(RunLedgerVerify(state.Given(state.proof)));
}

// The key of a test's witness, and the proof of entry 0 at the checkpoint that it cosigned.
Ed25519Key WitnessKey(unsigned char seed) {
  return Ed25519Key::FromSeed(Bytes(32, std::byte{seed})).value();
}
std::string WitnessText(unsigned char seed) {
  return ledger::NoteVerifier{"w.example", ledger::NoteKeyKind::kCosignatureV1,
                              WitnessKey(seed).Public()}
      .ToText();
}
ledger::EntryProof CosignedProof(const LedgerState& state, unsigned char seed) {
  const auto store = store::OpenSqliteStore(LedgerStoreFile(state.state)).value();
  const auto opened = ledger::Ledger::Open(*store, ledger::TestKeys()).value();
  ledger::Note note = ledger::ParseNote(opened->signed_checkpoint()).value();
  note.signatures.push_back(
      ledger::CosignNote("w.example", WitnessKey(seed), note.text, FromUnixSeconds(1)).value());
  return opened->ProveAt(0, WriteNote(note)).value();
}

TEST(LedgerCommands, DemandWitnessesOfAProof) {
  LedgerState state;
  state.Append(0, 3);
  Options options = state.Given(state.proof);
  options.witnesses = {WitnessText(1)};
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitRefused) << "it has no checkpoint";
  const auto write = [&state](const ledger::EntryProof& proof) {
    ASSERT_TRUE(WriteFile(state.proof, AsBytes(WriteEntryProof(proof))));
  };
  write(CosignedProof(state, 1));
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitTrusted);
  options.witnesses = {WitnessText(2)};
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitRefused) << "another witness cosigned";
  options.witnesses = {WitnessText(1), WitnessText(2)};
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitRefused) << "one of two";
  options.quorum = 1;
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitTrusted);
  Options write_receipt = options;
  write_receipt.service_certificate = state.proof;
  EXPECT_EQ(RunLedgerVerify(write_receipt).error().code, ErrorCode::kInvalidArgument)
      << "what was demanded is not left out";
  // The signature of another key under the name and key ID of the witness.
  ledger::EntryProof forged = CosignedProof(state, 1);
  ledger::Note note = ledger::ParseNote(forged.checkpoint).value();
  note.signatures.back().signature.back() ^= std::byte{1};
  forged.checkpoint = WriteNote(note);
  write(forged);
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitRefused);
}

TEST(LedgerCommands, TakeTheKeyFromAFile) {
  LedgerState state;
  state.Append(0, 1);
  const std::string file = state.folder.path() + "/ledger.vkey";
  ASSERT_TRUE(WriteFile(file, AsBytes(state.key + "\n")));
  Options options = state.Given(state.proof);
  options.log_key = file;
  EXPECT_EQ(RunLedgerVerify(options).value(), kExitTrusted);
  options.log_key = "mistyped";
  EXPECT_FALSE(RunLedgerVerify(options));
}

TEST(LedgerCommands, MakeNoLedgerWhereThereIsNone) {
  const LedgerState state;
  EXPECT_FALSE(RunLedgerExport(state.Given("")));
  EXPECT_FALSE(std::filesystem::exists(state.state));
}

}  // namespace
}  // namespace assay::cli
