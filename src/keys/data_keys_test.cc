#include "keys/data_keys.h"

#include <gtest/gtest.h>

#include <set>

#include "keys/key_seal.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

Bytes KeyOf(std::string_view text) { return ToBytes(AsBytes(text)); }

// KEKs that entries name, the vault's own included.
std::set<std::string> KeksInUse(store::Store& store) {
  std::set<std::string> out;
  for (const auto* const prefix : {"data-key/", "vault"}) {
    const auto entries = store::ScanAll(store, KeyOf(prefix)).value();
    for (const store::Entry& entry : entries) {
      out.insert(json::Parse(AsText(entry.value))->String("kek", "test").value());
    }
  }
  return out;
}

void MakeSome(const TestVault& it) {
  for (int i = 0; i < 20; ++i) it.MakeEc("k" + std::to_string(i));
}

void ExpectAllReadable(Vault& vault) {
  for (int i = 0; i < 20; ++i) {
    const auto key = vault.Get("k" + std::to_string(i), "");
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_TRUE(vault.OpenKey(*key));
  }
}

TEST(DataKeys, ARotationLeavesNothingUnderTheOldKek) {
  const TestVault it;
  MakeSome(it);
  const std::string old = *KeksInUse(*it.store).begin();
  const auto fresh = it.vault->data_keys().RotateKek({});
  ASSERT_TRUE(fresh);
  EXPECT_EQ(KeksInUse(*it.store), std::set<std::string>{*fresh});
  it.keks.Forget(old);
  ExpectAllReadable(*it.vault);
  ExpectAllReadable(*it.Reopen());
  it.MakeEc("new");
}

TEST(DataKeys, ARotationThatDiesAtAnyStepLosesNothingAndIsFinished) {
  for (int steps = 0; steps < 25; ++steps) {
    const TestVault it;
    MakeSome(it);
    int left = steps;
    ASSERT_TRUE(it.vault->data_keys().RotateKek([&left] { return left-- > 0; }));
    // Who has the old data keys in memory goes on, and who has not reads what is there.
    ExpectAllReadable(*it.vault);
    const auto reopened = it.Reopen();
    EXPECT_EQ(KeksInUse(*it.store).size(), 1U) << steps;
    ExpectAllReadable(*reopened);
  }
}

TEST(DataKeys, AServiceGoesOnWhileAnotherProcessRotates) {
  const TestVault it;
  MakeSome(it);
  const auto other = it.Reopen();
  ASSERT_TRUE(other->data_keys().RotateKek({}));
  MakeSome(it);
  ASSERT_TRUE(it.vault->Create("name-in-another-shard", {KeyKind::kEc}, {}, kNoon));
  EXPECT_EQ(KeksInUse(*it.store).size(), 1U);
  ExpectAllReadable(*other);
}

TEST(DataKeys, AVaultWhoseKekIsGoneDoesNotStart) {
  const TestVault it;
  it.keks.Forget(*KeksInUse(*it.store).begin());
  const auto reopened = Vault::Open(*it.store, it.keks, {});
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().code, ErrorCode::kMissing);
}

TEST(DataKeys, ADataKeyInThePlaceOfAnotherIsRefused) {
  const TestVault it;
  MakeSome(it);
  const auto entries = store::ScanAll(*it.store, KeyOf("data-key/")).value();
  ASSERT_GE(entries.size(), 2U);
  store::Batch swap;
  swap.puts.push_back({entries[0].key, entries[1].value});
  swap.puts.push_back({entries[1].key, entries[0].value});
  ASSERT_TRUE(it.store->Commit(swap));
  const auto reopened = it.Reopen();
  int refused = 0;
  for (int i = 0; i < 20; ++i) refused += reopened->Get("k" + std::to_string(i), "") ? 0 : 1;
  EXPECT_GE(refused, 2);
}

TEST(DataKeys, NamesOfOneCaseFoldingShareOne) {
  const TestVault it;
  EXPECT_EQ(it.vault->data_keys().ForName("Key").value()->id,
            it.vault->data_keys().ForName("kEY").value()->id);
}

}  // namespace
}  // namespace assay::keys
