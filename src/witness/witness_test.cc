#include "witness/witness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "witness/add_checkpoint.h"
#include "witness/testing_log.h"

namespace assay::witness {
namespace {

std::string Request(TestLog& log, std::uint64_t old_size) {
  return WriteAddCheckpoint({old_size, log.ProofFrom(old_size), log.note()});
}

bool Cosigned(const WitnessAnswer& answer, const TestLog& log, const Witness& witness) {
  if (answer.status != 200) return false;
  const auto note = ledger::ParseNote(log.note() + answer.body);
  return note && VerifyNote(*note, witness.verifier()) == ledger::NoteVerdict::kSigned &&
         CosignatureTime(*note, witness.verifier()) == FromUnixSeconds(1'764'590'400);
}

TEST(Witness, CosignsATreeThatGrows) {
  TestLog log(1);
  TestWitness it(log);
  std::uint64_t known = 0;
  for (const std::uint64_t size : {1U, 2U, 255U, 256U, 257U, 1000U}) {
    log.GrowTo(size);
    EXPECT_TRUE(Cosigned(it.witness.Add(Request(log, known)), log, it.witness)) << size;
    known = size;
    EXPECT_EQ(it.witness.KnownSize(log.origin).value(), size);
  }
}

TEST(Witness, CosignsAgainWhatItCosigned) {
  TestLog log(5);
  TestWitness it(log);
  EXPECT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  EXPECT_TRUE(Cosigned(it.witness.Add(Request(log, 5)), log, it.witness));
}

TEST(Witness, CosignsAnEmptyTree) {
  TestLog log(0);
  TestWitness it(log);
  EXPECT_TRUE(Cosigned(it.witness.Add(Request(log, 0)), log, it.witness));
}

TEST(Witness, SaysThatARequestIsMalformed) {
  TestLog log(5);
  TestWitness it(log);
  EXPECT_EQ(it.witness.Add("new 0\n\n" + log.note()).status, 400U);
  EXPECT_EQ(it.witness.Add("old 0\n\nno note").status, 400U);
  EXPECT_EQ(it.witness.KnownSize(log.origin).value(), 0U);
}

TEST(Witness, SaysThatANoteIsNoCheckpoint) {
  TestLog log(5);
  TestWitness it(log);
  ledger::Note note{"log.example/test\nfive\n", {}};
  note.signatures.push_back(ledger::SignNote(log.origin, TestKey(1), note.text).value());
  EXPECT_EQ(it.witness.Add("old 0\n\n" + WriteNote(note)).status, 400U);
}

TEST(Witness, SaysThatItDoesNotKnowTheLog) {
  TestLog log(5);
  TestWitness it(log);
  log.origin = "log.example/other";
  EXPECT_EQ(it.witness.Add(Request(log, 0)).status, 404U);
}

TEST(Witness, SaysThatTheLogDidNotSign) {
  TestLog log(5);
  TestLog impostor(5, 2);  // of the same name, with another key
  TestWitness it(log);
  EXPECT_EQ(it.witness.Add(Request(impostor, 0)).status, 403U);
}

TEST(Witness, SaysThatASignatureOfTheLogDoesNotVerify) {
  TestLog log(5);
  TestWitness it(log);
  ledger::Note note = ledger::ParseNote(log.note()).value();
  note.signatures[0].signature[0] ^= std::byte{1};
  EXPECT_EQ(it.witness.Add("old 0\n\n" + WriteNote(note)).status, 403U);
}

TEST(Witness, IgnoresSignaturesOfUnknownKeysAndDoesNotKeepThem) {
  TestLog log(5);
  TestWitness it(log);
  ledger::Note note = ledger::ParseNote(log.note()).value();
  note.signatures.insert(note.signatures.begin(),
                         ledger::SignNote("stranger.example", TestKey(3), note.text).value());
  EXPECT_EQ(it.witness.Add("old 0\n\n" + WriteNote(note)).status, 200U);
  const auto rows = store::ScanAll(*it.store, AsBytes("witness/")).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(AsText(rows[0].value), log.note());
}

TEST(Witness, TakesEachOfSeveralKeysOfOneLog) {
  TestLog log(5);
  TestLog renewed(5, 2);
  const auto store = store::NewMemoryStore();
  auto witness =
      Witness::Make(*store, TestWitness::OptionsFor({log.verifier(), renewed.verifier()}, "w", 7))
          .value();
  EXPECT_EQ(witness.Add(Request(log, 0)).status, 200U);
  renewed.GrowTo(9);
  EXPECT_EQ(witness.Add(Request(renewed, 5)).status, 200U);
}

TEST(Witness, SaysThatTheOldSizeIsLargerThanTheNewOne) {
  TestLog log(5);
  TestWitness it(log);
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint({6, {}, log.note()})).status, 400U);
}

TEST(Witness, TellsTheSizeThatItKnows) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  log.GrowTo(9);
  const WitnessAnswer answer = it.witness.Add(Request(log, 0));
  EXPECT_EQ(answer.status, 409U);
  EXPECT_EQ(answer.content_type, "text/x.tlog.size");
  EXPECT_EQ(answer.body, "5\n");
}

TEST(Witness, RefusesAnotherTreeOfTheSameSize) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  TestLog forked(3);
  forked.GrowTo(5, 3);
  const WitnessAnswer answer = it.witness.Add(WriteAddCheckpoint({5, {}, forked.note()}));
  EXPECT_EQ(answer.status, 409U);
  EXPECT_EQ(answer.body, "5\n");
}

TEST(Witness, RefusesAnEmptyTreeWithTheRootOfAnother) {
  TestLog log(0);
  TestWitness it(log);
  ledger::Checkpoint checkpoint = log.checkpoint();
  checkpoint.root = {};
  const std::string note = SignCheckpoint(checkpoint, TestKey(1)).value();
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint({0, {}, note})).status, 409U);
}

TEST(Witness, RefusesATreeThatDoesNotContinueTheOneItCosigned) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  TestLog forked(3);
  forked.GrowTo(9, 3);
  EXPECT_EQ(it.witness.Add(Request(forked, 5)).status, 422U);
  EXPECT_EQ(it.witness.KnownSize(log.origin).value(), 5U);
}

TEST(Witness, RefusesAProofWithOneHashChangedMissingOrTooMany) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  log.GrowTo(300);
  const AddCheckpoint good{5, log.ProofFrom(5), log.note()};
  AddCheckpoint bad = good;
  bad.proof[1][0] ^= std::byte{1};
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint(bad)).status, 422U);
  bad = good;
  bad.proof.pop_back();
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint(bad)).status, 422U);
  bad = good;
  bad.proof.push_back({});
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint(bad)).status, 422U);
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint(good)).status, 200U);
}

TEST(Witness, WantsNoProofFromTheEmptyTree) {
  TestLog log(5);
  TestWitness it(log);
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint({0, {ledger::Hash{}}, log.note()})).status, 422U);
}

TEST(Witness, WantsNoProofFromATreeToItself) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  EXPECT_EQ(it.witness.Add(WriteAddCheckpoint({5, {ledger::Hash{}}, log.note()})).status, 422U);
}

TEST(Witness, RemembersAcrossRestarts) {
  TestLog log(5);
  TestWitness it(log);
  ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
  Witness again =
      Witness::Make(*it.store, TestWitness::OptionsFor({log.verifier()}, "witness.example/w1", 7))
          .value();
  EXPECT_EQ(again.KnownSize(log.origin).value(), 5U);
  TestLog forked(3);
  forked.GrowTo(9, 3);
  EXPECT_EQ(again.Add(Request(forked, 5)).status, 422U);
}

TEST(Witness, KeepsLogsApart) {
  TestLog log(5);
  TestLog other(9, 2);
  other.origin = "log.example/other";
  const auto store = store::NewMemoryStore();
  auto witness =
      Witness::Make(*store, TestWitness::OptionsFor({log.verifier(), other.verifier()}, "w", 7))
          .value();
  ASSERT_EQ(witness.Add(Request(log, 0)).status, 200U);
  EXPECT_EQ(witness.Add(Request(other, 0)).status, 200U);
  EXPECT_EQ(witness.KnownSize(log.origin).value(), 5U);
  EXPECT_EQ(witness.KnownSize(other.origin).value(), 9U);
}

// Two trees that both continue what was cosigned, again and again at once: one is cosigned.
TEST(Witness, CosignsOneOfTwoForksThatComeAtOnce) {
  for (int round = 0; round < 50; ++round) {
    TestLog log(5);
    TestWitness it(log);
    ASSERT_EQ(it.witness.Add(Request(log, 0)).status, 200U);
    TestLog left(5), right(5);
    left.GrowTo(9);
    right.GrowTo(8, 6);
    const std::string requests[] = {Request(left, 5), Request(right, 5)};
    std::atomic<int> cosigned{0};
    std::vector<std::thread> threads;
    for (const std::string& request : requests) {
      threads.emplace_back([&] { cosigned += it.witness.Add(request).status == 200 ? 1 : 0; });
    }
    for (std::thread& one : threads) one.join();
    EXPECT_EQ(cosigned, 1);
  }
}

class FailingStore final : public store::Store {
 public:
  Result<std::optional<store::Entry>> Get(View) override { return std::optional<store::Entry>(); }
  Result<std::vector<store::Entry>> Scan(View, View, std::size_t) override {
    return std::vector<store::Entry>();
  }
  Result<std::uint64_t> Version() override { return std::uint64_t{0}; }
  Result<std::uint64_t> Commit(const store::Batch&) override {
    return Fail(ErrorCode::kIo, "store: no space left");
  }
};

TEST(Witness, GivesNoCosignatureThatItCannotRemember) {
  TestLog log(5);
  FailingStore store;
  auto witness = Witness::Make(store, TestWitness::OptionsFor({log.verifier()}, "w", 7)).value();
  const WitnessAnswer answer = witness.Add(Request(log, 0));
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.body, "store: no space left\n");
}

TEST(Witness, IsOfOneLogAtLeastAndOfLogsOnly) {
  const auto store = store::NewMemoryStore();
  EXPECT_FALSE(Witness::Make(*store, TestWitness::OptionsFor({}, "w", 7)));
  TestLog log(1);
  EXPECT_FALSE(Witness::Make(*store, TestWitness::OptionsFor({log.verifier()}, "w 1", 7)));
  ledger::NoteVerifier witness = log.verifier();
  witness.kind = ledger::NoteKeyKind::kCosignatureV1;
  EXPECT_FALSE(Witness::Make(*store, TestWitness::OptionsFor({witness}, "w", 7)));
}

}  // namespace
}  // namespace assay::witness
