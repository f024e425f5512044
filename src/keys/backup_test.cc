#include "keys/backup.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "keys/key_seal.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

constexpr Time kAnHourLater = kNoon + std::chrono::hours(1);

Bytes BackedUpAndPurged(const TestVault& it, const std::string& name) {
  const Bytes blob = it.vault->Backup(name).value();
  EXPECT_TRUE(it.vault->Delete(name, kNoon));
  EXPECT_TRUE(it.vault->Purge(name));
  return blob;
}

TEST(Backup, BringsAllVersionsBackWithTheirMaterialAndPolicy) {
  const TestVault it;
  const KeyVersion first = it.MakeEc("Key", Exportable());
  const KeyVersion second = it.vault->Create("Key", {KeyKind::kOct, 256}, {}, kNoon).value();
  RotationPolicy policy;
  policy.rules.push_back({LifetimeAction::kRotate, ParseDuration("P30D").value(), {}});
  ASSERT_TRUE(it.vault->SetRotationPolicy("Key", policy, kNoon));
  const SecretBytes secret = Unseal(it.vault->data_keys(), first).value();
  const Bytes blob = BackedUpAndPurged(it, "key");
  const auto restored = it.vault->Restore(blob, kAnHourLater);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->version, second.version);
  const auto reopened = it.Reopen();
  const KeyVersion again = reopened->Get("key", first.version).value();
  EXPECT_EQ(again.release_policy, first.release_policy);
  EXPECT_EQ(again.name, "Key");
  EXPECT_TRUE(Equal(Unseal(reopened->data_keys(), again)->view(), secret.view()));
  EXPECT_EQ(reopened->GetRotationPolicy("key")->rules.front().after_create->text, "P30D");
  EXPECT_EQ(reopened->Sweep(kNoon + std::chrono::days(30)).rotated.size(), 1U);
}

TEST(Backup, IsRefusedWhileAKeyHoldsTheName) {
  const TestVault it;
  it.MakeEc("k");
  const Bytes blob = it.vault->Backup("k").value();
  EXPECT_EQ(it.vault->Restore(blob, kAnHourLater).error().kind, FaultKind::kExists);
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  EXPECT_EQ(it.vault->Restore(blob, kAnHourLater).error().kind, FaultKind::kExists);
}

TEST(Backup, IsOfThisVaultAlone) {
  const TestVault it;
  const TestVault stranger;
  it.MakeEc("k");
  const auto restored = stranger.vault->Restore(it.vault->Backup("k").value(), kAnHourLater);
  ASSERT_FALSE(restored);
  EXPECT_NE(restored.error().message.find("vault"), std::string::npos);
}

TEST(Backup, NoByteOfItCanBeChangedOrCutOff) {
  const TestVault it;
  it.MakeEc("k");
  const Bytes blob = BackedUpAndPurged(it, "k");
  for (std::size_t i = 0; i < blob.size(); ++i) {
    Bytes changed = blob;
    changed[i] ^= std::byte{1};
    ASSERT_FALSE(it.vault->Restore(changed, kAnHourLater)) << i;
    changed.resize(i);
    ASSERT_FALSE(it.vault->Restore(changed, kAnHourLater)) << i;
  }
  EXPECT_TRUE(it.vault->Restore(blob, kAnHourLater));
}

TEST(Backup, OutlivesARotationOfTheKekAsLongAsTheOldOneIsKept) {
  const TestVault it;
  it.MakeEc("k");
  const Bytes blob = BackedUpAndPurged(it, "k");
  const std::string old = it.vault->data_keys().CurrentKek().value()->id();
  ASSERT_TRUE(it.vault->data_keys().RotateKek({}));
  EXPECT_TRUE(it.vault->Restore(blob, kAnHourLater));
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  ASSERT_TRUE(it.vault->Purge("k"));
  it.keks.Forget(old);
  EXPECT_EQ(it.vault->Restore(blob, kAnHourLater).error().kind, FaultKind::kNotFound);
}

TEST(Backup, HoldsNoPlaintextMaterial) {
  const TestVault it;
  ImportedKey oct;
  oct.kind = KeyKind::kOct;
  oct.oct = RandomSecret(32).value();
  ASSERT_TRUE(it.vault->Import("k", oct, {}, kNoon));
  const Bytes blob = it.vault->Backup("k").value();
  const std::string text(AsText(blob));
  EXPECT_EQ(text.find(AsText(oct.oct.view())), std::string::npos);
  EXPECT_EQ(text.find(Base64UrlEncode(oct.oct.view()).substr(2, 38)), std::string::npos);
}

}  // namespace
}  // namespace assay::keys
