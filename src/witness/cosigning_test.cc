#include "witness/cosigning.h"

#include <gtest/gtest.h>

#include "witness/publication.h"
#include "witness/testing_log.h"

namespace assay::witness {
namespace {

using ledger::NoteVerifier;

ErrorCode CodeOf(TestLog& log, TestWitness& it, std::uint64_t known) {
  const auto signature = AskCosignature(log.tree(), it.witness.verifier(), it.Ask(), known);
  return signature ? ErrorCode::kInternal : signature.error().code;
}

ErrorCode CodeOfAnswer(WitnessReply reply) {
  TestLog log(5);
  TestWitness it(log);
  std::uint64_t known = 0;
  const auto signature = AskCosignature(
      log.tree(), it.witness.verifier(),
      [&reply](const std::string&) -> Result<WitnessReply> { return reply; }, known);
  return signature ? ErrorCode::kInternal : signature.error().code;
}

TEST(Cosigning, FollowsALogThatGrows) {
  TestLog log(5);
  TestWitness it(log);
  std::uint64_t known = 0;
  for (const std::uint64_t size : {5U, 5U, 300U, 301U}) {
    log.GrowTo(size);
    EXPECT_TRUE(AskCosignature(log.tree(), it.witness.verifier(), it.Ask(), known));
    EXPECT_EQ(known, size);
  }
  EXPECT_EQ(it.asked, 4);
}

TEST(Cosigning, LearnsWhatTheWitnessKnows) {
  TestLog log(5);
  TestWitness it(log);
  std::uint64_t known = 0;
  ASSERT_TRUE(AskCosignature(log.tree(), it.witness.verifier(), it.Ask(), known));
  log.GrowTo(9);
  known = 0;
  EXPECT_TRUE(AskCosignature(log.tree(), it.witness.verifier(), it.Ask(), known));
  EXPECT_EQ(it.asked, 3);
}

TEST(Cosigning, AlarmsWhenTheLogWasForked) {
  TestLog log(5);
  TestWitness it(log);
  std::uint64_t known = 0;
  ASSERT_TRUE(AskCosignature(log.tree(), it.witness.verifier(), it.Ask(), known));
  TestLog longer(3), as_long(3), shorter(3);
  longer.GrowTo(9, 3);
  as_long.GrowTo(5, 3);
  EXPECT_EQ(CodeOf(longer, it, 0), ErrorCode::kMalformed);
  EXPECT_EQ(CodeOf(longer, it, 5), ErrorCode::kMalformed);
  EXPECT_EQ(CodeOf(as_long, it, 0), ErrorCode::kMalformed);
  EXPECT_EQ(CodeOf(as_long, it, 5), ErrorCode::kMalformed);
  EXPECT_EQ(CodeOf(shorter, it, 0), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(shorter, it, 5), ErrorCode::kConflict);
}

TEST(Cosigning, TakesNoAnswerThatIsOfNoUse) {
  EXPECT_EQ(CodeOfAnswer({200, ""}), ErrorCode::kIo);
  EXPECT_EQ(CodeOfAnswer({409, "many\n"}), ErrorCode::kIo);
  EXPECT_EQ(CodeOfAnswer({409, "0\n"}), ErrorCode::kIo);
  EXPECT_EQ(CodeOfAnswer({503, "later\n"}), ErrorCode::kIo);
  EXPECT_EQ(CodeOfAnswer({409, "6\n"}), ErrorCode::kConflict);
}

TEST(Cosigning, TakesNoCosignatureOfAnotherKeyOrTree) {
  TestLog log(5);
  TestWitness it(log);
  TestWitness stranger(log, "witness.example/w1", 8);
  std::uint64_t known = 0;
  EXPECT_FALSE(AskCosignature(log.tree(), it.witness.verifier(), stranger.Ask(), known));
  const WitnessAnswer of_five = it.witness.Add("old 0\n\n" + log.note());
  ASSERT_EQ(of_five.status, 200U);
  log.GrowTo(6);
  known = 0;
  EXPECT_FALSE(AskCosignature(
      log.tree(), it.witness.verifier(),
      [&](const std::string&) -> Result<WitnessReply> {
        return WitnessReply{200, of_five.body};
      },
      known));
  EXPECT_EQ(known, 0U);
}

struct ThreeWitnesses {
  explicit ThreeWitnesses(const TestLog& log)
      : first(log, "w1", 7), second(log, "w2", 8), third(log, "w3", 9) {}
  std::vector<WitnessPeer> Peers(bool third_answers = true) {
    std::vector<WitnessPeer> out{{first.witness.verifier(), first.Ask()},
                                 {second.witness.verifier(), second.Ask()},
                                 {third.witness.verifier(), third.Ask()}};
    if (!third_answers) {
      out[2].ask = [](const std::string&) -> Result<WitnessReply> {
        return Fail(ErrorCode::kIo, "nobody there");
      };
    }
    return out;
  }
  Quorum QuorumOf(std::size_t needed) const {
    return {{first.witness.verifier(), second.witness.verifier(), third.witness.verifier()},
            needed};
  }
  TestWitness first, second, third;
};

TEST(Publication, NeedsItsQuorum) {
  TestLog log(5);
  ThreeWitnesses all(log);
  auto peers = all.Peers(false);
  const Cosigned two = Cosign(log.tree(), peers, 2);
  ASSERT_TRUE(two.note);
  EXPECT_EQ(two.errors.size(), 1U);
  EXPECT_TRUE(CheckCosigned(*two.note, all.QuorumOf(2)));
  EXPECT_FALSE(CheckCosigned(*two.note, all.QuorumOf(3)));
  EXPECT_FALSE(CheckCosigned(log.note(), all.QuorumOf(1)));
  EXPECT_TRUE(CheckCosigned(log.note(), Quorum()));
  EXPECT_FALSE(Cosign(log.tree(), peers, 3).note);
}

TEST(Publication, RefusesACosignatureThatDoesNotVerify) {
  TestLog log(5);
  ThreeWitnesses all(log);
  auto peers = all.Peers();
  ledger::Note note = ledger::ParseNote(*Cosign(log.tree(), peers, 3).note).value();
  note.signatures[3].signature.back() ^= std::byte{1};
  EXPECT_FALSE(CheckCosigned(WriteNote(note), all.QuorumOf(2)));
}

TEST(Publication, IsReadAsItWasWrittenAndOnlyGrows) {
  TestLog log(5);
  ThreeWitnesses all(log);
  const auto store = store::NewMemoryStore();
  const auto read = [&](std::size_t needed) {
    return ReadPublication(*store, log.verifier(), all.QuorumOf(needed)).value();
  };
  EXPECT_FALSE(read(1));
  auto peers = all.Peers(false);
  const std::string of_five = *Cosign(log.tree(), peers, 2).note;
  log.GrowTo(9);
  const std::string of_nine = *Cosign(log.tree(), peers, 2).note;
  ASSERT_TRUE(WritePublication(*store, log.verifier(), all.QuorumOf(2), of_nine));
  ASSERT_TRUE(WritePublication(*store, log.verifier(), all.QuorumOf(2), of_five));
  EXPECT_EQ(read(2), of_nine);
  EXPECT_FALSE(read(3)) << "it has not that quorum";
  EXPECT_FALSE(WritePublication(*store, log.verifier(), all.QuorumOf(2), log.note()));
  EXPECT_EQ(read(2), of_nine);
}

TEST(Quorum, IsOfWitnessesThatAreThereEachOnce) {
  TestLog log(1);
  ThreeWitnesses all(log);
  EXPECT_TRUE(CheckQuorum(all.QuorumOf(3)));
  EXPECT_TRUE(CheckQuorum({}));
  EXPECT_FALSE(CheckQuorum(all.QuorumOf(4)));
  EXPECT_FALSE(CheckQuorum(all.QuorumOf(0)));
  Quorum twice = all.QuorumOf(2);
  twice.witnesses[1] = twice.witnesses[0];
  twice.witnesses[1].name = "another name";
  EXPECT_FALSE(CheckQuorum(twice));
  EXPECT_FALSE(CheckQuorum({{log.verifier()}, 1}));
}

}  // namespace
}  // namespace assay::witness
