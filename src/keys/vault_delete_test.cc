#include <gtest/gtest.h>

#include "keys/operations.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

using std::chrono::days;

RotationPolicy Every(std::string_view after_create, std::string_view expiry = "") {
  RotationPolicy out;
  out.rules.push_back({LifetimeAction::kRotate, ParseDuration(after_create).value(), {}});
  if (!expiry.empty()) out.expiry_time = ParseDuration(expiry).value();
  return out;
}

TEST(VaultDelete, ADeletedKeyIsGoneAndCanBeRecovered) {
  const TestVault it;
  const KeyVersion first = it.MakeEc("k");
  it.MakeEc("k");
  const auto deleted = it.vault->Delete("k", kNoon);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->deletion.purge, kNoon + days(90));
  EXPECT_EQ(it.vault->Get("k", "").error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->Get("k", first.version).error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->ListVersions("k", "", 5).error().kind, FaultKind::kNotFound);
  EXPECT_TRUE(it.vault->List("", 5)->items.empty());
  EXPECT_EQ(it.vault->ListDeleted("", 5)->items.size(), 1U);
  EXPECT_EQ(it.vault->GetDeleted("K")->current.version, deleted->current.version);

  ASSERT_TRUE(it.vault->Recover("k", kNoon + days(1)));
  EXPECT_EQ(it.vault->ListVersions("k", "", 5)->items.size(), 2U);
  EXPECT_EQ(it.vault->GetDeleted("k").error().kind, FaultKind::kNotFound);
}

TEST(VaultDelete, ADeletedKeyDoesNothing) {
  const TestVault it;
  const KeyVersion key = it.MakeEc("k");
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  const OperationRequest sign{Operation::kSign, "ES256", Bytes(32)};
  EXPECT_EQ(Perform(*it.vault, "k", "", sign, kNoon).error().kind, FaultKind::kNotFound);
  EXPECT_EQ(Perform(*it.vault, "k", key.version, sign, kNoon).error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->Update("k", "", {}, kNoon).error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->Rotate("k", kNoon).error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->Backup("k").error().kind, FaultKind::kNotFound);
  EXPECT_EQ(it.vault->Delete("k", kNoon).error().kind, FaultKind::kNotFound);
}

TEST(VaultDelete, ItsNameIsHeldUntilItIsPurged) {
  const TestVault it;
  const KeyVersion key = it.MakeEc("k");
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  EXPECT_EQ(it.vault->Create("K", {KeyKind::kEc}, {}, kNoon).error().kind, FaultKind::kDeleted);
  ASSERT_TRUE(it.vault->Purge("k"));
  EXPECT_EQ(it.vault->Recover("k", kNoon).error().kind, FaultKind::kNotFound);
  ASSERT_TRUE(it.vault->Create("k", {KeyKind::kEc}, {}, kNoon));
  EXPECT_EQ(it.vault->Get("k", key.version).error().kind, FaultKind::kNotFound);
}

TEST(VaultDelete, ALiveKeyCannotBePurged) {
  const TestVault it;
  it.MakeEc("k");
  EXPECT_EQ(it.vault->Purge("k").error().kind, FaultKind::kNotFound);
  EXPECT_TRUE(it.vault->Get("k", ""));
}

TEST(VaultSweep, PurgesWhenTheRetentionIsOver) {
  VaultOptions options;
  options.retention_days = 7;
  const TestVault it(options);
  it.MakeEc("k");
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(7) - std::chrono::seconds(1)).purged.empty());
  EXPECT_EQ(it.vault->Sweep(kNoon + days(7)).purged, std::vector<std::string>{"k"});
  EXPECT_EQ(it.vault->GetDeleted("k").error().kind, FaultKind::kNotFound);
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(8)).purged.empty());
}

TEST(VaultSweep, ARecoveredKeyIsNotPurged) {
  const TestVault it;
  it.MakeEc("k");
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  ASSERT_TRUE(it.vault->Recover("k", kNoon));
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(1000)).purged.empty());
  EXPECT_TRUE(it.vault->Get("k", ""));
}

TEST(VaultDelete, NothingIsRecoveredAfterItsRetention) {
  const TestVault it;
  it.MakeEc("k");
  ASSERT_TRUE(it.vault->Delete("k", kNoon));
  EXPECT_EQ(it.vault->Recover("k", kNoon + days(90)).error().kind, FaultKind::kNotFound);
}

TEST(VaultSweep, RotatesByPolicyAgainAndAgain) {
  const TestVault it;
  KeyProperties properties = Exportable();
  properties.tags = Tags{{"team", "a"}};
  properties.operations = {"sign"};
  const KeyVersion first = it.MakeEc("k", properties);
  ASSERT_TRUE(it.vault->SetRotationPolicy("k", Every("P30D", "P60D"), kNoon));
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(30) - std::chrono::seconds(1)).rotated.empty());
  EXPECT_EQ(it.vault->Sweep(kNoon + days(30)).rotated, std::vector<std::string>{"k"});
  const KeyVersion second = it.vault->Get("k", "").value();
  EXPECT_NE(second.version, first.version);
  EXPECT_NE(second.ec.x, first.ec.x);
  EXPECT_EQ(second.attributes.expires, kNoon + days(90));
  EXPECT_EQ(second.tags, first.tags);
  EXPECT_EQ(second.operations, first.operations);
  EXPECT_EQ(second.release_policy, first.release_policy);
  EXPECT_TRUE(second.attributes.exportable);
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(59)).rotated.empty());
  EXPECT_EQ(it.vault->Sweep(kNoon + days(60)).rotated.size(), 1U);
  EXPECT_EQ(it.vault->ListVersions("k", "", 10)->items.size(), 3U);
}

TEST(VaultSweep, RotatesBeforeTheCurrentVersionExpires) {
  const TestVault it;
  KeyProperties properties;
  properties.expires = kNoon + days(100);
  it.MakeEc("k", properties);
  RotationPolicy policy;
  policy.rules.push_back({LifetimeAction::kRotate, {}, ParseDuration("P10D").value()});
  policy.expiry_time = ParseDuration("P100D").value();
  ASSERT_TRUE(it.vault->SetRotationPolicy("k", policy, kNoon));
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(89)).rotated.empty());
  // The date moves with the expiry.
  properties.expires = kNoon + days(50);
  ASSERT_TRUE(it.vault->Update("k", "", properties, kNoon));
  EXPECT_EQ(it.vault->Sweep(kNoon + days(40)).rotated.size(), 1U);
}

TEST(VaultSweep, DoesNotRotateWhatIsDisabledOrDeleted) {
  const TestVault it;
  it.MakeEc("disabled");
  it.MakeEc("deleted");
  for (const auto* const name : {"disabled", "deleted"}) {
    ASSERT_TRUE(it.vault->SetRotationPolicy(name, Every("P7D"), kNoon));
  }
  KeyProperties off;
  off.enabled = false;
  ASSERT_TRUE(it.vault->Update("disabled", "", off, kNoon));
  ASSERT_TRUE(it.vault->Delete("deleted", kNoon));
  const Swept swept = it.vault->Sweep(kNoon + days(8));
  EXPECT_TRUE(swept.rotated.empty());
  EXPECT_TRUE(swept.purged.empty());
  EXPECT_TRUE(swept.failed.empty());
}

TEST(VaultSweep, ANewVersionByHandPutsTheRotationOff) {
  const TestVault it;
  it.MakeEc("k");
  ASSERT_TRUE(it.vault->SetRotationPolicy("k", Every("P10D"), kNoon));
  ASSERT_TRUE(it.vault->Rotate("k", kNoon + days(5)));
  EXPECT_TRUE(it.vault->Sweep(kNoon + days(10)).rotated.empty());
  EXPECT_EQ(it.vault->Sweep(kNoon + days(15)).rotated.size(), 1U);
}

TEST(VaultRotate, KeepsKindSizeAndExponent) {
  const TestVault it;
  const KeySpec spec{KeyKind::kRsa, 2048, NamedCurve::kP256, 65539};
  ASSERT_TRUE(it.vault->Create("k", spec, {}, kNoon));
  const auto rotated = it.vault->Rotate("k", kNoon);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->Spec(), spec);
}

TEST(VaultRotationPolicy, IsTheDefaultUntilItIsSet) {
  const TestVault it;
  it.MakeEc("k");
  const auto before = it.vault->GetRotationPolicy("k");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->rules.front().action, LifetimeAction::kNotify);
  ASSERT_TRUE(it.vault->SetRotationPolicy("k", Every("P30D"), kNoon));
  const auto after = it.vault->GetRotationPolicy("k");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->rules.front().after_create->text, "P30D");
  EXPECT_EQ(after->created, kNoon);
}

}  // namespace
}  // namespace assay::keys
