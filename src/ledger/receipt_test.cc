#include "ledger/receipt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/encoding.h"
#include "base/limits.h"
#include "ledger/proof_document.h"
#include "ledger/testing.h"

namespace assay::ledger {
namespace {

struct SignedTree {
  NaiveTree naive{20};
  Ed25519Key key = Ed25519Key::FromSeed(Bytes(32, std::byte{7})).value();
  NoteVerifier log{"log.example/r", NoteKeyKind::kEd25519, key.Public()};

  Bytes Inclusion(std::uint64_t index, std::uint64_t size) const {
    return SignReceipt(InclusionReceipt{size, index, naive.Path(index, 0, size)}, naive.Root(size),
                       log, key)
        .value();
  }
  Bytes Consistency(std::uint64_t first, std::uint64_t second) const {
    return SignReceipt(ConsistencyReceipt{first, second, naive.Subproof(first, 0, second, true)},
                       naive.Root(second), log, key)
        .value();
  }
};

TEST(Receipt, ProvesEveryEntryOfEveryTree) {
  const SignedTree tree;
  for (std::uint64_t size = 1; size <= 20; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto verified =
          VerifyInclusionReceipt(tree.Inclusion(index, size), tree.naive.leaf(index), tree.log);
      ASSERT_TRUE(verified) << verified.error().message;
      EXPECT_EQ(verified->index, index);
      EXPECT_EQ(verified->tree.size, size);
      EXPECT_EQ(verified->tree.root, tree.naive.Root(size));
      const auto newer = VerifyConsistencyReceipt(
          tree.Consistency(index + 1, size), {index + 1, tree.naive.Root(index + 1)}, tree.log);
      ASSERT_TRUE(newer) << newer.error().message;
      EXPECT_EQ(newer->size, size);
      EXPECT_EQ(newer->root, tree.naive.Root(size));
    }
  }
}

// RFC 9942, "Receipt of Inclusion", with EdDSA and a kid.
TEST(Receipt, HasTheFormOfTheRfc) {
  const SignedTree tree;
  const std::string hex = HexEncode(tree.Inclusion(0, 2));
  const std::string kid = tree.log.ToText().substr(tree.log.name.size() + 1, 8);
  // 18([<<{1: -8, 4: kid, 395: 1, "tree-size": 2}>>, {396: {-1: [<<[2, 0, [hash]]>>]}}, null, ...])
  const std::string header = "a401270444" + kid + "19018b0169747265652d73697a6502";
  const std::string proof =
      "83020081"
      "5820" +
      HexEncode(tree.naive.leaf(1));
  const std::string start = "d2845818" + header +
                            "a119018ca12081"
                            "5826" +
                            proof +
                            "f6"
                            "5840";
  EXPECT_EQ(hex.substr(0, start.size()), start);
  EXPECT_EQ(hex.size(), start.size() + 128);
}

TEST(Receipt, RefusesEveryFlippedBit) {
  const SignedTree tree;
  const ReceiptTree older{3, tree.naive.Root(3)};
  const Bytes inclusion = tree.Inclusion(5, 13);
  const Bytes consistency = tree.Consistency(3, 13);
  ASSERT_TRUE(VerifyConsistencyReceipt(consistency, older, tree.log));
  for (std::size_t bit = 0; bit < 8 * inclusion.size(); ++bit) {
    Bytes bad = inclusion;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(VerifyInclusionReceipt(bad, tree.naive.leaf(5), tree.log)) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * consistency.size(); ++bit) {
    Bytes bad = consistency;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(VerifyConsistencyReceipt(bad, older, tree.log)) << bit;
  }
}

// The path of entry 5 has the same shape in trees of 13 and of 15: without the signed size, one
// receipt would prove both.
TEST(Receipt, BindsTheSizeOfItsTree) {
  const SignedTree tree;
  const std::vector<Hash> path = tree.naive.Path(5, 0, 13);
  ASSERT_EQ(RootOfInclusion(5, 15, tree.naive.leaf(5), path), tree.naive.Root(13));
  Bytes receipt = tree.Inclusion(5, 13);
  const Bytes proof{std::byte{0x83}, std::byte{13}, std::byte{5}};
  const auto found = std::search(receipt.begin(), receipt.end(), proof.begin(), proof.end());
  ASSERT_NE(found, receipt.end());
  *(found + 1) = std::byte{15};
  const auto refused = VerifyInclusionReceipt(receipt, tree.naive.leaf(5), tree.log);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "receipt: its proof is of a tree of 15, the key signed one of 13");
}

TEST(Receipt, RefusesAnotherLeafKeyOrKind) {
  const SignedTree tree;
  const Bytes receipt = tree.Inclusion(5, 13);
  EXPECT_FALSE(VerifyInclusionReceipt(receipt, tree.naive.leaf(4), tree.log));
  const NoteVerifier other{"log.example/r", NoteKeyKind::kEd25519,
                           Ed25519Key::Generate().value().Public()};
  const auto refused = VerifyInclusionReceipt(receipt, tree.naive.leaf(5), other);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("expected key ID"), std::string::npos);
  const ReceiptTree older{5, tree.naive.Root(5)};
  EXPECT_FALSE(VerifyConsistencyReceipt(receipt, older, tree.log));
  const Bytes consistency = tree.Consistency(5, 13);
  EXPECT_FALSE(VerifyInclusionReceipt(consistency, tree.naive.leaf(5), tree.log));
  EXPECT_FALSE(VerifyConsistencyReceipt(consistency, {5, tree.naive.Root(6)}, tree.log));
  EXPECT_FALSE(VerifyConsistencyReceipt(consistency, {6, tree.naive.Root(6)}, tree.log));
}

TEST(Receipt, RefusesWhatFollowsOrIsTooLarge) {
  const SignedTree tree;
  Bytes receipt = tree.Inclusion(5, 13);
  receipt.push_back(std::byte{0});
  EXPECT_FALSE(VerifyInclusionReceipt(receipt, tree.naive.leaf(5), tree.log));
  EXPECT_FALSE(
      VerifyInclusionReceipt(Bytes(limits::kReceiptBytes + 1), tree.naive.leaf(5), tree.log));
  const std::vector<Hash> path(limits::kLedgerProofHashes + 1);
  const Bytes deep =
      SignReceipt(InclusionReceipt{~std::uint64_t{0}, 0, path}, Hash{}, tree.log, tree.key).value();
  const auto refused = VerifyInclusionReceipt(deep, tree.naive.leaf(0), tree.log);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("at most 64"), std::string::npos);
}

struct OneEntry {
  Ed25519Key key = Ed25519Key::FromSeed(Bytes(32, std::byte{7})).value();
  NoteVerifier log{"log.example/d", NoteKeyKind::kEd25519, key.Public()};

  EntryProof Proof() const {
    Record record;
    record.verdict = RecordVerdict::kPermitted;
    record.subject = "machine";
    EntryProof out;
    out.origin = log.name;
    OpenedBody body{Bytes(kSaltBytes, std::byte{3}), EncodeRecord(record).value()};
    out.leaf = EncodeLeaf({FromUnixSeconds(5), Commit(body.salt, body.body)});
    out.receipt = SignReceipt(InclusionReceipt{1, 0, {}}, LeafHash(out.leaf), log, key).value();
    out.body = std::move(body);
    return out;
  }
};

TEST(EntryProof, ConvincesWithoutTheLedger) {
  const OneEntry one;
  const auto read = ParseEntryProof(WriteEntryProof(one.Proof()));
  ASSERT_TRUE(read) << read.error().message;
  const auto verified = VerifyEntryProof(*read, one.log);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->inclusion.index, 0U);
  EXPECT_EQ(verified->time, FromUnixSeconds(5));
  ASSERT_TRUE(verified->record);
  EXPECT_EQ(verified->record->subject, "machine");
}

TEST(EntryProof, ConvincesOfTheLeafWithoutTheRecord) {
  const OneEntry one;
  EntryProof proof = one.Proof();
  proof.body.reset();
  const auto verified = VerifyEntryProof(ParseEntryProof(WriteEntryProof(proof)).value(), one.log);
  ASSERT_TRUE(verified);
  EXPECT_FALSE(verified->record);
}

TEST(EntryProof, RefusesAnotherRecordSaltLeafOrLedger) {
  const OneEntry one;
  const auto refused = [&one](const std::function<void(EntryProof&)>& change) {
    EntryProof proof = one.Proof();
    change(proof);
    return !VerifyEntryProof(proof, one.log);
  };
  EXPECT_FALSE(refused([](EntryProof&) {}));
  EXPECT_TRUE(refused([](EntryProof& p) { p.body->body.back() ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](EntryProof& p) { p.body->salt[0] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](EntryProof& p) { p.leaf.back() ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](EntryProof& p) { p.origin = "log.example/e"; }));
}

TEST(EntryProof, RefusesDocumentsOfAnotherForm) {
  const std::string good = WriteEntryProof(OneEntry().Proof());
  const json::Value parsed = json::Parse(good).value();
  for (const char* without : {"ledger", "leaf", "receipt", "record", "salt"}) {
    json::Object rest;
    for (const auto& [name, value] : *parsed.AsObject()) {
      if (name != without) rest.emplace_back(name, value);
    }
    EXPECT_FALSE(ParseEntryProof(json::Write(rest))) << without;
  }
  EXPECT_FALSE(ParseEntryProof("{}"));
  EXPECT_FALSE(ParseEntryProof(good + std::string(limits::kProofDocumentBytes, ' ')));
}

}  // namespace
}  // namespace assay::ledger
