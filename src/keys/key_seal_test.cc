#include "keys/key_seal.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "keys/key_json.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

Bytes VersionEntryKey(const KeyVersion& key) {
  return ToBytes(AsBytes("key-version/" + FoldName(key.name) + "/" + key.version));
}

// What somebody does who can write to the database and knows no key.
void Overwrite(store::Store& store, const Bytes& key, std::string_view value) {
  store::Batch batch;
  batch.puts.push_back({key, ToBytes(AsBytes(value))});
  ASSERT_TRUE(store.Commit(batch));
}

std::string Stored(store::Store& store, const Bytes& key) {
  return std::string(AsText(store.Get(key).value()->value));
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(KeySeal, NothingOfTheMetadataCanBeChangedInTheStore) {
  const TestVault it;
  KeyProperties properties = Exportable(R"({"version":"1.0.0"})", true);
  properties.enabled = false;
  properties.expires = kNoon;
  properties.operations = {"verify"};
  properties.tags = Tags{{"team", "a"}};
  const KeyVersion key = it.MakeEc("k", properties);
  const std::string good = Stored(*it.store, VersionEntryKey(key));
  const std::string policy = Base64UrlEncode(AsBytes(R"({"version":"1.0.0"})"));
  const std::string other = Base64UrlEncode(AsBytes(R"({"version":"1.0.1"})"));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {R"("enabled":false)", R"("enabled":true)"},
           {R"("exp":1764590400)", R"("exp":1964590400)"},
           {R"("nbf":null)", R"("nbf":1)"},
           {R"("exportable":true)", R"("exportable":false)"},
           {R"(["verify"])", R"(["verify","sign"])"},
           {R"({"team":"a"})", R"({"team":"b"})"},
           {R"("immutable":true)", R"("immutable":false)"},
           {policy, other},
           {R"("crv":"P-256")", R"("crv":"P-256K")"},
           {Base64UrlEncode(key.ec.x), Base64UrlEncode(key.ec.y)}}) {
    Overwrite(*it.store, VersionEntryKey(key), Replaced(good, from, to));
    const auto read = it.Reopen()->Get("k", "");
    ASSERT_FALSE(read) << from;
    EXPECT_EQ(read.error().kind, FaultKind::kInternal) << from;
  }
  Overwrite(*it.store, VersionEntryKey(key), good);
  EXPECT_TRUE(it.Reopen()->Get("k", ""));
}

TEST(KeySeal, NoByteOfTheSealedMaterialCanBeChanged) {
  const TestVault it;
  KeyVersion key = it.MakeEc("k");
  for (std::size_t i = 0; i < key.sealed.size(); ++i) {
    KeyVersion changed = key;
    changed.sealed[i] ^= std::byte{1};
    EXPECT_FALSE(Unseal(it.vault->data_keys(), changed)) << i;
    changed.sealed.resize(i);
    EXPECT_FALSE(Unseal(it.vault->data_keys(), changed)) << i;
  }
  EXPECT_TRUE(Unseal(it.vault->data_keys(), key));
}

TEST(KeySeal, MaterialOfAnotherVersionOrKeyDoesNotFit) {
  const TestVault it;
  const KeyVersion one = it.MakeEc("k");
  const KeyVersion newer = it.MakeEc("k");
  const KeyVersion other = it.MakeEc("other");
  KeyVersion swapped = newer;
  for (const KeyVersion& from : {one, other}) {
    swapped.sealed = from.sealed;
    EXPECT_FALSE(Unseal(it.vault->data_keys(), swapped));
  }
  // A whole entry in the place of another is told by its key.
  Overwrite(*it.store, VersionEntryKey(newer), Stored(*it.store, VersionEntryKey(one)));
  EXPECT_FALSE(it.vault->Get("k", newer.version));
}

TEST(KeySeal, MaterialOfAnotherVaultDoesNotFit) {
  const TestVault it;
  const TestVault stranger;
  EXPECT_FALSE(Unseal(stranger.vault->data_keys(), it.MakeEc("k")));
}

TEST(KeySeal, EachSealHasItsOwnIv) {
  const TestVault it;
  KeyVersion key = it.MakeEc("k");
  const SecretBytes material = Unseal(it.vault->data_keys(), key).value();
  const Bytes before = key.sealed;
  ASSERT_TRUE(Seal(it.vault->data_keys(), key, material));
  EXPECT_NE(key.sealed, before);
}

TEST(KeySeal, TheStoreHoldsNoPlaintextMaterial) {
  const TestVault it;
  std::vector<Bytes> secrets;
  ImportedKey oct;
  oct.kind = KeyKind::kOct;
  oct.oct = RandomSecret(32).value();
  secrets.push_back(ToBytes(oct.oct.view()));
  ASSERT_TRUE(it.vault->Import("oct", oct, {}, kNoon));
  ImportedKey ec;
  ec.kind = KeyKind::kEc;
  ec.pair = AsymmetricKey::GenerateEc(NamedCurve::kP256).value();
  secrets.push_back(ToBytes(ec.pair->ToPkcs8()->view().subspan(36, 32)));  // the scalar
  ASSERT_TRUE(it.vault->Import("ec", ec, {}, kNoon));
  const auto entries = store::ScanAll(*it.store, {}).value();
  for (const store::Entry& entry : entries) {
    for (const Bytes& secret : secrets) {
      const std::string text(AsText(entry.value));
      EXPECT_EQ(text.find(AsText(secret)), std::string::npos);
      EXPECT_EQ(text.find(Base64UrlEncode(secret).substr(2, 38)), std::string::npos);
      EXPECT_EQ(text.find(HexEncode(secret)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace assay::keys
