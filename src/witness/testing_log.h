// For tests: a log in memory that is asked for cosignatures, and a witness of it.
#pragma once

#include "ledger/testing.h"
#include "store/memory_store.h"
#include "witness/cosigning.h"
#include "witness/witness.h"

namespace assay::witness {

inline Ed25519Key TestKey(unsigned char seed) {
  return Ed25519Key::FromSeed(Bytes(32, std::byte{seed})).value();
}

// Leaves are those of TestLeaf until it goes another way.
class TestLog {
 public:
  explicit TestLog(std::uint64_t size, unsigned char seed = 1) : key_(TestKey(seed)) {
    GrowTo(size);
  }

  void GrowTo(std::uint64_t size, std::uint64_t first_other = ~std::uint64_t{0}) {
    for (std::uint64_t n = frontier_.size(); n < size; ++n) {
      frontier_.Append(ledger::LeafHash(ledger::TestLeaf(n >= first_other ? n + 1'000'000 : n)));
      tiles_.Put(frontier_);
    }
  }
  ledger::NoteVerifier verifier() const {
    return {origin, ledger::NoteKeyKind::kEd25519, key_.Public()};
  }
  ledger::Checkpoint checkpoint() const {
    ledger::Checkpoint out;
    out.origin = origin;
    out.size = frontier_.size();
    out.root = frontier_.Root();
    return out;
  }
  std::string note() const { return SignCheckpoint(checkpoint(), key_).value(); }
  std::vector<ledger::Hash> ProofFrom(std::uint64_t size) {
    if (size == 0 || size == frontier_.size()) return {};
    ledger::TileNodes nodes(tiles_, frontier_.size());
    return ConsistencyProof(nodes, size, frontier_.size()).value();
  }
  SignedTree tree() { return {checkpoint(), note(), tiles_}; }

  std::string origin = "log.example/test";

 private:
  Ed25519Key key_;
  ledger::Frontier frontier_;
  ledger::MemoryTiles tiles_;
};

struct TestWitness {
  explicit TestWitness(const TestLog& log, std::string name = "witness.example/w1",
                       unsigned char seed = 7)
      : witness(Witness::Make(*store, OptionsFor({log.verifier()}, name, seed)).value()) {}

  static WitnessOptions OptionsFor(std::vector<ledger::NoteVerifier> logs, std::string name,
                                   unsigned char seed) {
    return {std::move(name), TestKey(seed), std::move(logs),
            [] { return FromUnixSeconds(1'764'590'400); }};
  }
  AskWitness Ask() {
    return [this](const std::string& body) -> Result<WitnessReply> {
      ++asked;
      WitnessAnswer answer = witness.Add(body);
      return WitnessReply{answer.status, std::move(answer.body)};
    };
  }

  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  Witness witness;
  int asked = 0;
};

}  // namespace assay::witness
