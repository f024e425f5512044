#include "keys/kek_ring.h"

#include <gtest/gtest.h>

#include "keys/testing.h"

namespace assay::keys {
namespace {

// A keeper of the ring, which the test keeps a hand on.
class RingKeeper final : public KekKeeper {
 public:
  RingKeeper(MemoryKeks& keks, std::string prefix) : keks_(keks), prefix_(std::move(prefix)) {}
  Result<KekPtr> Make() override { return keks_.Make(); }
  Result<KekPtr> Find(const std::string& id) override {
    if (unreachable) return Fail(ErrorCode::kIo, prefix_ + " does not answer");
    return keks_.Find(id);
  }
  bool unreachable = false;

 private:
  MemoryKeks& keks_;
  const std::string prefix_;
};

struct TwoKinds {
  MemoryKeks old_keks{"old-"}, new_keks{"new-"};
  RingKeeper* old_keeper = nullptr;

  std::unique_ptr<KekRing> Ring(bool new_first) {
    auto old_one = std::make_unique<RingKeeper>(old_keks, "old");
    old_keeper = old_one.get();
    std::vector<std::unique_ptr<KekKeeper>> keepers;
    keepers.push_back(std::move(old_one));
    keepers.insert(new_first ? keepers.begin() : keepers.end(),
                   std::make_unique<RingKeeper>(new_keks, "new"));
    return std::make_unique<KekRing>(std::move(keepers));
  }
};

TEST(KekRing, AVaultMovesFromOneKindToAnotherWhileItIsUsed) {
  TwoKinds kinds;
  const auto store = store::NewMemoryStore();
  // The service knows both kinds and would still make old ones; the command rotates to the new one.
  const auto service_keks = kinds.Ring(false);
  const auto service = Vault::Open(*store, *service_keks, {}).value();
  const KeyVersion before = service->Create("before", {KeyKind::kEc}, {}, kNoon).value();
  const auto command_keks = kinds.Ring(true);
  const auto command = Vault::Open(*store, *command_keks, {}).value();
  EXPECT_EQ(command->data_keys().RotateKek({}).value().substr(0, 4), "new-");
  // In a data key that is yet to be made, and in one that was there.
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(service->Create("after-" + std::to_string(i), {KeyKind::kEc}, {}, kNoon));
  }
  ASSERT_TRUE(service->OpenKey(before));
  // The old kind is needed no more.
  const auto reopened = Vault::Open(*store, kinds.new_keks, {}).value();
  EXPECT_TRUE(reopened->OpenKey(before));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(reopened->Get("after-" + std::to_string(i), ""));
}

TEST(KekRing, SaysWhyOneCouldNotLookOrThatNoneHasIt) {
  TwoKinds kinds;
  const auto ring = kinds.Ring(true);
  EXPECT_EQ(ring->Find("nowhere").error().code, ErrorCode::kMissing);
  const std::string id = kinds.old_keks.Make().value()->id();
  EXPECT_TRUE(ring->Find(id));
  kinds.old_keeper->unreachable = true;
  EXPECT_EQ(ring->Find(id).error().message, "old does not answer");
  EXPECT_TRUE(ring->Find(kinds.new_keks.Make().value()->id()));
}

}  // namespace
}  // namespace assay::keys
