#include "keys/vault.h"

#include <gtest/gtest.h>

#include <set>

#include "keys/key_seal.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

constexpr Time kLater = kNoon + std::chrono::hours(1);

FaultKind KindOf(const Outcome<KeyVersion>& outcome) {
  return outcome ? FaultKind::kInternal : outcome.error().kind;
}

TEST(Vault, MakesKeysOfEachKind) {
  const TestVault it;
  for (const unsigned bits : {2048U, 3072U}) {
    const auto key = it.vault->Create("rsa", {KeyKind::kRsa, bits}, {}, kNoon);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->bits, bits);
    EXPECT_EQ(key->rsa.n.size() * 8, bits);
    EXPECT_EQ(key->operations.size(), 6U);
  }
  for (const NamedCurve curve :
       {NamedCurve::kP256, NamedCurve::kP384, NamedCurve::kP521, NamedCurve::kP256K}) {
    const auto key = it.vault->Create("ec", {KeyKind::kEc, 0, curve}, {}, kNoon);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->ec.curve, curve);
    EXPECT_EQ(key->ec.x.size(), CoordinateBytes(curve));
    EXPECT_EQ(key->operations.size(), 2U);
  }
  for (const unsigned bits : {128U, 192U, 256U}) {
    const auto key = it.vault->Create("oct", {KeyKind::kOct, bits}, {}, kNoon);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(Unseal(it.vault->data_keys(), *key)->size() * 8, bits);
  }
}

TEST(Vault, RefusesSizesAndExponentsThatTheApiDoesNotHave) {
  const TestVault it;
  for (const KeySpec& spec : std::vector<KeySpec>{{KeyKind::kRsa, 1024},
                                                  {KeyKind::kRsa, 2047},
                                                  {KeyKind::kRsa, 2048, NamedCurve::kP256, 3},
                                                  {KeyKind::kRsa, 2048, NamedCurve::kP256, 65538},
                                                  {KeyKind::kOct, 64},
                                                  {KeyKind::kOct, 512}}) {
    EXPECT_EQ(KindOf(it.vault->Create("k", spec, {}, kNoon)), FaultKind::kBadParameter);
  }
}

TEST(Vault, RefusesHsmKindsWithTheReasonWhereThereIsNoHsm) {
  const TestVault it;
  for (const std::string_view name : {"RSA-HSM", "EC-HSM", "oct-HSM"}) {
    KeySpec spec;
    spec.kind = KeyTypeOf(name)->kind;
    spec.hsm = KeyTypeOf(name)->hsm;
    const auto made = it.vault->Create("k", spec, {}, kNoon);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, FaultKind::kNotSupported);
    EXPECT_NE(made.error().message.find(std::string(name) + " needs an HSM"), std::string::npos);
  }
}

TEST(Vault, ANewVersionBecomesTheCurrentOneAndOldOnesStay) {
  const TestVault it;
  const KeyVersion first = it.MakeEc("signer");
  const KeyVersion second = it.MakeEc("signer");
  EXPECT_NE(first.version, second.version);
  EXPECT_EQ(it.vault->Get("signer", "")->version, second.version);
  EXPECT_EQ(it.vault->Get("signer", first.version)->ec.x, first.ec.x);
  EXPECT_EQ(it.vault->ListVersions("signer", "", 10)->items.size(), 2U);
}

TEST(Vault, NamesDifferInMoreThanTheirCase) {
  const TestVault it;
  it.MakeEc("Signer");
  const auto other = it.MakeEc("SIGNER");
  EXPECT_EQ(other.name, "Signer");
  EXPECT_EQ(it.vault->ListVersions("signer", "", 10)->items.size(), 2U);
}

TEST(Vault, RefusesNamesThatTheApiDoesNotHave) {
  const TestVault it;
  for (const std::string& name :
       {std::string(), std::string("a_b"), std::string("a/b"), std::string("a.b"),
        std::string("\xC3\xA4"), std::string(128, 'a')}) {
    EXPECT_EQ(KindOf(it.vault->Create(name, {KeyKind::kEc}, {}, kNoon)), FaultKind::kBadParameter);
  }
  EXPECT_TRUE(it.vault->Create(std::string(127, 'a'), {KeyKind::kEc}, {}, kNoon));
}

TEST(Vault, TellsThatAKeyOrVersionIsMissing) {
  const TestVault it;
  EXPECT_EQ(KindOf(it.vault->Get("none", "")), FaultKind::kNotFound);
  it.MakeEc("one");
  EXPECT_EQ(KindOf(it.vault->Get("one", std::string(32, '0'))), FaultKind::kNotFound);
  EXPECT_EQ(KindOf(it.vault->Get("one", "xyz")), FaultKind::kBadParameter);
}

TEST(Vault, AVersionOfAnotherKeyIsNotFound) {
  const TestVault it;
  it.MakeEc("one");
  const KeyVersion other = it.MakeEc("two");
  EXPECT_EQ(KindOf(it.vault->Get("one", other.version)), FaultKind::kNotFound);
}

TEST(Vault, PagesListEachKeyOnce) {
  const TestVault it;
  for (int i = 0; i < 30; ++i) it.MakeEc("k" + std::to_string(i));
  std::set<std::string> seen;
  std::string after;
  int pages = 0;
  do {
    const auto page = it.vault->List(after, 7);
    ASSERT_TRUE(page);
    EXPECT_LE(page->items.size(), 7U);
    for (const KeyVersion& one : page->items) EXPECT_TRUE(seen.insert(one.name).second);
    after = page->next;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(seen.size(), 30U);
  EXPECT_EQ(pages, 5);
}

TEST(Vault, UpdateChangesWhatItNamesAndNothingElse) {
  const TestVault it;
  KeyProperties first;
  first.tags = Tags{{"a", "1"}};
  const KeyVersion made = it.MakeEc("k", first);
  KeyProperties changes;
  changes.enabled = false;
  const auto changed = it.vault->Update("k", "", changes, kLater);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_FALSE(changed->attributes.enabled);
  EXPECT_EQ(changed->tags, made.tags);
  EXPECT_EQ(changed->attributes.created, kNoon);
  EXPECT_EQ(changed->attributes.updated, kLater);
  EXPECT_EQ(it.vault->Get("k", "")->attributes.enabled, false);
  // The material went along: what was sealed under the old metadata is sealed under the new.
  EXPECT_TRUE(it.Reopen()->OpenKey(*it.vault->Get("k", "")));
}

TEST(Vault, RefusesDatesInTheWrongOrder) {
  const TestVault it;
  KeyProperties wrong;
  wrong.not_before = kLater;
  wrong.expires = kNoon;
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
}

TEST(Vault, RefusesOperationsThatTheKindCannotDo) {
  const TestVault it;
  KeyProperties wrong;
  wrong.operations = {"sign", "encrypt"};
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
  wrong.operations = {"sing"};
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
}

TEST(Vault, RefusesTooManyOrTooLongTags) {
  const TestVault it;
  KeyProperties wrong;
  wrong.tags.emplace();
  for (int i = 0; i < 16; ++i) wrong.tags->emplace(std::to_string(i), "");
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
  wrong.tags = Tags{{"a", std::string(257, 'b')}};
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
  wrong.tags = Tags{{std::string(256, 'a'), std::string(256, 'b')}};
  EXPECT_TRUE(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon));
}

TEST(Vault, AnExportableKeyNeedsAReleasePolicyAndTheOtherWayRound) {
  const TestVault it;
  KeyProperties wrong = Exportable();
  wrong.release_policy.reset();
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
  wrong = Exportable();
  wrong.exportable = false;
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, wrong, kNoon)), FaultKind::kBadParameter);
  EXPECT_TRUE(it.vault->Create("k", {KeyKind::kEc}, Exportable(), kNoon));
}

TEST(Vault, WhetherAKeyMayLeaveIsDecidedWhenItIsMade) {
  const TestVault it;
  it.MakeEc("k");
  EXPECT_EQ(KindOf(it.vault->Update("k", "", Exportable(), kLater)), FaultKind::kBadParameter);
}

TEST(Vault, AnImmutableReleasePolicyStays) {
  const TestVault it;
  it.MakeEc("k", Exportable(R"({"version":"1.0.0"})", true));
  KeyProperties other;
  other.release_policy = Exportable(R"({"version":"2.0.0"})").release_policy;
  EXPECT_EQ(KindOf(it.vault->Update("k", "", other, kLater)), FaultKind::kImmutable);
  // Not even to one with the same text that could be changed after that.
  other.release_policy = Exportable(R"({"version":"1.0.0"})", false).release_policy;
  EXPECT_EQ(KindOf(it.vault->Update("k", "", other, kLater)), FaultKind::kImmutable);
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, Exportable("{}"), kLater)),
            FaultKind::kImmutable);
  other.release_policy = Exportable(R"({"version":"1.0.0"})", true).release_policy;
  EXPECT_TRUE(it.vault->Update("k", "", other, kLater));
}

TEST(Vault, AReleasePolicyThatIsNotImmutableCanBeReplaced) {
  const TestVault it;
  it.MakeEc("k", Exportable());
  KeyProperties other;
  other.release_policy = Exportable(R"({"version":"2.0.0"})").release_policy;
  const auto changed = it.vault->Update("k", "", other, kLater);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->release_policy, other.release_policy);
}

TEST(Vault, AsksWhoeverKnowsReleasePoliciesBeforeItKeepsOne) {
  VaultOptions options;
  options.check_release_policy = [](const ReleasePolicy& policy) -> Result<void> {
    if (AsText(policy.data) == "{}") return Fail(ErrorCode::kMalformed, "no policy");
    return {};
  };
  const TestVault it(options);
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kEc}, Exportable("{}"), kNoon)),
            FaultKind::kBadParameter);
  EXPECT_TRUE(it.vault->Create("k", {KeyKind::kEc}, Exportable("{1}"), kNoon));
}

TEST(Vault, ANewVersionOfAnExportableKeyHasThePolicyOfTheOneBefore) {
  const TestVault it;
  const KeyVersion first = it.MakeEc("k", Exportable());
  KeyProperties again;
  again.exportable = true;
  const auto second = it.vault->Create("k", {KeyKind::kEc}, again, kLater);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->release_policy, first.release_policy);
}

TEST(Vault, ImportsWhatItWasGiven) {
  const TestVault it;
  ImportedKey key;
  key.kind = KeyKind::kEc;
  key.pair = AsymmetricKey::GenerateEc(NamedCurve::kP384).value();
  const auto made = it.vault->Import("k", key, {}, kNoon);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->ec.x, key.pair->EcPublic()->x);
  EXPECT_TRUE(Equal(Unseal(it.Reopen()->data_keys(), *made)->view(), key.pair->ToPkcs8()->view()));
}

TEST(Vault, RefusesImportedOctKeysOfOtherSizes) {
  const TestVault it;
  ImportedKey key;
  key.kind = KeyKind::kOct;
  key.oct = SecretBytes(17);
  EXPECT_EQ(KindOf(it.vault->Import("k", key, {}, kNoon)), FaultKind::kBadParameter);
}

TEST(Vault, AKeyHasNoMoreVersionsThanTheLimit) {
  const TestVault it;
  for (std::size_t i = 0; i < limits::kKeyVersions; ++i) {
    ASSERT_TRUE(it.vault->Create("k", {KeyKind::kOct, 128}, {}, kNoon));
  }
  EXPECT_EQ(KindOf(it.vault->Create("k", {KeyKind::kOct, 128}, {}, kNoon)),
            FaultKind::kBadParameter);
}

TEST(Vault, RefusesARetentionOutsideOfTheApis) {
  const TestVault it;
  MemoryKeks keks;
  for (const int retention : {6, 91}) {
    VaultOptions options;
    options.retention_days = retention;
    EXPECT_FALSE(Vault::Open(*it.store, keks, options));
  }
}

}  // namespace
}  // namespace assay::keys
