// What is in an HSM is pending, recorded or doomed, whoever dies when.
#include "keys/hsm_journal.h"

#include <gtest/gtest.h>

#include "keys/hsm_testing.h"
#include "keys/operations.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

constexpr Time kTooLate = kNoon + limits::kHsmKeyRecordedWithin + std::chrono::seconds(1);

KeySpec HsmSpec(KeyKind kind = KeyKind::kEc) {
  KeySpec out;
  out.kind = kind;
  out.bits = kind == KeyKind::kOct ? 256 : 2048;
  out.hsm = true;
  return out;
}

struct HsmVault {
  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  MemoryKeks keks;
  MemoryHsm hsm;
  std::unique_ptr<Vault> vault = Vault::Open(*store, keks, {}, &hsm).value();

  std::size_t JournalSize() const { return store::ScanAll(*store, AsBytes("hsm-"))->size(); }
};

TEST(HsmJournal, ARecordedKeyIsNeitherPendingNorSwept) {
  HsmVault it;
  const KeyVersion key = it.vault->Create("k", HsmSpec(), {}, kNoon).value();
  EXPECT_EQ(Name(key.type()), "EC-HSM");
  EXPECT_EQ(it.JournalSize(), 0U);
  EXPECT_TRUE(it.vault->Sweep(kTooLate).failed.empty());
  EXPECT_EQ(it.hsm.objects.size(), 1U);
  EXPECT_TRUE(Perform(*it.vault, "k", "", {Operation::kSign, "ES256", Bytes(32)}, kNoon));
}

TEST(HsmJournal, AnObjectThatAProcessLeftBehindIsSweptWhenItsTimeIsOver) {
  HsmVault it;
  KeyHome dying(*it.store, &it.hsm);
  ASSERT_TRUE(dying.Make(HsmSpec(), false, kNoon));  // and then nothing: the process is gone
  ASSERT_EQ(it.hsm.objects.size(), 1U);
  (void)it.vault->Sweep(kNoon + limits::kHsmKeyRecordedWithin);
  EXPECT_EQ(it.hsm.objects.size(), 1U);
  (void)it.vault->Sweep(kTooLate);
  EXPECT_TRUE(it.hsm.objects.empty());
  EXPECT_EQ(it.JournalSize(), 0U);
}

TEST(HsmJournal, WhatDiedBeforeTheObjectWasMadeIsForgotten) {
  HsmVault it;
  ASSERT_TRUE(HsmJournal(*it.store).Begin(std::string(32, 'a'), kNoon));
  (void)it.vault->Sweep(kTooLate);
  EXPECT_EQ(it.JournalSize(), 0U);
}

TEST(HsmJournal, AKeyThatIsGivenUpWhileItIsMadeIsNotRecorded) {
  HsmVault it;
  // The sweep finds nothing to destroy, as the object comes after it.
  it.hsm.made = [&it] {
    auto kept = std::move(it.hsm.objects);
    it.hsm.objects.clear();
    (void)it.vault->Sweep(kTooLate);
    it.hsm.objects = std::move(kept);
  };
  EXPECT_EQ(it.vault->Create("k", HsmSpec(), {}, kNoon).error().kind, FaultKind::kUnavailable);
  EXPECT_TRUE(it.hsm.objects.empty());
  EXPECT_EQ(it.vault->Get("k", "").error().kind, FaultKind::kNotFound);
}

TEST(HsmJournal, AKeyThatIsGivenUpBeforeItIsRecordedIsNotUsableHalf) {
  HsmVault it;
  KeyHome home(*it.store, &it.hsm);
  const NewKey made = home.Make(HsmSpec(), false, kNoon).value();
  (void)it.vault->Sweep(kTooLate);
  KeyVersion version;
  version.name = "k";
  version.version = std::string(32, 'b');
  version.kind = made.kind;
  version.hsm_object = made.hsm_object;
  version.hsm_revision = made.hsm_revision;
  KeyEntry entry;
  entry.name = version.name;
  entry.current = version.version;
  EXPECT_EQ(KeyBook(*it.store).Write(nullptr, entry, {version}).error().code, ErrorCode::kConflict);
}

TEST(HsmJournal, ARefusedKeyLeavesNothingBehind) {
  HsmVault it;
  KeyProperties no_policy;
  no_policy.exportable = true;
  EXPECT_EQ(it.vault->Create("k", HsmSpec(), no_policy, kNoon).error().kind,
            FaultKind::kBadParameter);
  EXPECT_TRUE(it.hsm.objects.empty());
  EXPECT_EQ(it.JournalSize(), 0U);
}

TEST(HsmJournal, AnHsmThatFailsMakesNoKeyAndIsClearedLater) {
  HsmVault it;
  it.hsm.fails = true;
  EXPECT_EQ(it.vault->Create("k", HsmSpec(), {}, kNoon).error().kind, FaultKind::kUnavailable);
  EXPECT_EQ(it.JournalSize(), 1U);
  EXPECT_EQ(it.vault->Sweep(kNoon).failed.size(), 1U);
  it.hsm.fails = false;
  EXPECT_TRUE(it.vault->Sweep(kNoon).failed.empty());
  EXPECT_EQ(it.JournalSize(), 0U);
}

TEST(HsmJournal, APurgeDestroysTheObjectsOfAllVersions) {
  HsmVault it;
  ASSERT_TRUE(it.vault->Create("k", HsmSpec(), {}, kNoon));
  ASSERT_TRUE(it.vault->Rotate("k", kNoon));
  EXPECT_EQ(it.hsm.objects.size(), 2U);
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  EXPECT_EQ(it.hsm.objects.size(), 2U);
  ASSERT_TRUE(it.vault->Purge("k"));
  EXPECT_TRUE(it.hsm.objects.empty());
  EXPECT_EQ(it.JournalSize(), 0U);
}

TEST(HsmJournal, WhatAnUnreachableHsmKeepsAfterAPurgeTheSweepDestroys) {
  HsmVault it;
  ASSERT_TRUE(it.vault->Create("k", HsmSpec(), {}, kNoon));
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  it.hsm.fails = true;
  ASSERT_TRUE(it.vault->Purge("k"));
  EXPECT_EQ(it.vault->GetDeleted("k").error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.hsm.objects.size(), 1U);
  it.hsm.fails = false;
  (void)it.vault->Sweep(kNoon);
  EXPECT_TRUE(it.hsm.objects.empty());
}

TEST(HsmJournal, ASweepWithoutTheHsmSaysWhatItNeeds) {
  HsmVault it;
  ASSERT_TRUE(it.vault->Create("k", HsmSpec(), {}, kNoon));
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  const auto without = Vault::Open(*it.store, it.keks, {}).value();
  ASSERT_TRUE(without->Purge("k"));
  const Swept swept = without->Sweep(kNoon);
  ASSERT_EQ(swept.failed.size(), 1U);
  EXPECT_NE(swept.failed[0].find("--key-hsm-module"), std::string::npos);
  EXPECT_TRUE(it.vault->Sweep(kNoon).failed.empty());
  EXPECT_TRUE(it.hsm.objects.empty());
}

TEST(HsmJournal, AVaultWithoutItsHsmShowsTheKeyAndRefusesToUseIt) {
  HsmVault it;
  ASSERT_TRUE(it.vault->Create("k", HsmSpec(), {}, kNoon));
  const auto without = Vault::Open(*it.store, it.keks, {}).value();
  EXPECT_EQ(Name(without->Get("k", "")->type()), "EC-HSM");
  const auto used = Perform(*without, "k", "", {Operation::kSign, "ES256", Bytes(32)}, kNoon);
  EXPECT_EQ(used.error().kind, FaultKind::kNotSupported);
}

TEST(HsmJournal, ARotationMakesAKeyOfTheSameTypeAndExportability) {
  HsmVault it;
  const KeyVersion first = it.vault->Create("k", HsmSpec(), Exportable(), kNoon).value();
  const KeyVersion second = it.vault->Rotate("k", kNoon).value();
  EXPECT_EQ(second.type(), first.type());
  EXPECT_TRUE(second.attributes.exportable);
  EXPECT_NE(second.hsm_object, first.hsm_object);
  EXPECT_NE(second.ec.x, first.ec.x);
}

TEST(HsmJournal, AKeyOfTheHsmIsNotBackedUp) {
  HsmVault it;
  ASSERT_TRUE(it.vault->Create("k", HsmSpec(), {}, kNoon));
  const auto blob = it.vault->Backup("k");
  EXPECT_EQ(blob.error().kind, FaultKind::kNotSupported);
  EXPECT_NE(blob.error().message.find("by its own means"), std::string::npos);
}

}  // namespace
}  // namespace assay::keys
