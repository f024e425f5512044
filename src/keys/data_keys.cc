#include "keys/data_keys.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/signing_key.h"
#include "keys/key.h"

namespace assay::keys {
namespace {

constexpr std::size_t kDataKeyBytes = 32;
constexpr std::string_view kVaultEntry = "vault";
constexpr std::string_view kDataKeyPrefix = "data-key/";
constexpr std::string_view kWhereDataKey = "data key";

Bytes RawKey(std::string_view text) { return ToBytes(AsBytes(text)); }

store::Put PutDocument(std::string_view key, const json::Object& document) {
  return {RawKey(key), RawKey(json::Write(document))};
}

std::string ShardOf(std::string_view name) {
  const Sha256Digest digest = Sha256(AsBytes(FoldName(name)));
  return HexEncode(View(digest).first(1));
}

struct WrappedKey {
  std::string id, kek;
  Bytes wrapped;
};

Result<WrappedKey> WrappedOf(const store::Entry& entry) {
  const json::Value document = TRY(json::Parse(AsText(entry.value)));
  WrappedKey out;
  out.id = TRY(document.String("id", kWhereDataKey));
  out.kek = TRY(document.String("kek", kWhereDataKey));
  out.wrapped = TRY(Base64UrlDecode(TRY(document.String("wrapped", kWhereDataKey))));
  return out;
}

json::Object WrappedJson(const WrappedKey& key) {
  return {{"id", key.id}, {"kek", key.kek}, {"wrapped", Base64UrlEncode(key.wrapped)}};
}

bool GoOn(const std::function<bool()>& go_on) { return !go_on || go_on(); }

}  // namespace

Result<std::unique_ptr<DataKeys>> DataKeys::Open(store::Store& store, KekKeeper& keeper) {
  auto entry = TRY(store.Get(RawKey(kVaultEntry)));
  if (!entry) {
    const KekPtr kek = TRY(keeper.Make());
    store::Batch batch;
    batch.expectations.push_back({RawKey(kVaultEntry), 0});
    const Bytes id = TRY(RandomBytes(16));
    batch.puts.push_back(PutDocument(kVaultEntry, {{"id", HexEncode(id)}, {"kek", kek->id()}}));
    const auto made = store.Commit(batch);
    // Another process made it meanwhile: then its vault holds.
    if (!made && made.error().code != ErrorCode::kConflict) return tl::unexpected(made.error());
    entry = TRY(store.Get(RawKey(kVaultEntry)));
    if (!entry) return Fail(ErrorCode::kIo, "vault: it was made, and is not there");
  }
  const json::Value document = TRY(json::Parse(AsText(entry->value)));
  std::string vault_id = TRY(document.String("id", kVaultEntry));
  std::unique_ptr<DataKeys> out(new DataKeys(store, keeper, std::move(vault_id)));
  TRY(out->CurrentKek());
  return out;
}

Result<DataKeys::InForce> DataKeys::ReadVault() {
  const auto entry = TRY(store_.Get(RawKey(kVaultEntry)));
  if (!entry) return Fail(ErrorCode::kIo, "vault: its entry is gone from the store");
  const json::Value document = TRY(json::Parse(AsText(entry->value)));
  return InForce{TRY(document.String("kek", kVaultEntry)), entry->version};
}

Result<KekPtr> DataKeys::CurrentKek() { return keeper_.Find(TRY(ReadVault()).kek); }

Bytes DataKeys::ContextOf(std::string_view shard, std::string_view id) const {
  return RawKey(fmt::format("assay data key 1/{}/{}/{}", vault_id_, shard, id));
}

Result<std::shared_ptr<const DataKey>> DataKeys::ForName(std::string_view name) {
  const std::string shard = ShardOf(name);
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(shard);
    if (known != known_.end()) return known->second;
  }
  for (int attempt = 0; attempt < limits::kKeyAttempts; ++attempt) {
    if (auto found = TRY(Load(shard))) {
      const std::lock_guard lock(mutex_);
      return known_[shard] = std::move(found);
    }
    const Result<void> made = Create(shard);
    if (!made && made.error().code != ErrorCode::kConflict) return tl::unexpected(made.error());
  }
  return Fail(ErrorCode::kConflict, "data key: others changed it all the time");
}

// Null when there is none.
Result<std::shared_ptr<const DataKey>> DataKeys::Load(const std::string& shard) {
  const auto entry = TRY(store_.Get(RawKey(std::string(kDataKeyPrefix) + shard)));
  if (!entry) return nullptr;
  const WrappedKey wrapped = TRY(WrappedOf(*entry));
  const KekPtr kek = TRY(keeper_.Find(wrapped.kek));
  SecretBytes key = TRY(kek->Unwrap(ContextOf(shard, wrapped.id), wrapped.wrapped));
  if (key.size() != kDataKeyBytes) {
    return Fail(ErrorCode::kMalformed, "data key: expected 32 bytes");
  }
  return std::make_shared<const DataKey>(DataKey{wrapped.id, std::move(key)});
}

// kConflict when another made it, or the KEK in force changed meanwhile.
Result<void> DataKeys::Create(const std::string& shard) {
  const InForce in_force = TRY(ReadVault());
  const KekPtr kek = TRY(keeper_.Find(in_force.kek));
  const std::string key = std::string(kDataKeyPrefix) + shard;
  const std::string id = HexEncode(TRY(RandomBytes(16)));
  const SecretBytes secret = TRY(RandomSecret(kDataKeyBytes));
  const Bytes wrapped = TRY(kek->Wrap(ContextOf(shard, id), secret));
  store::Batch batch;
  batch.expectations.push_back({RawKey(kVaultEntry), in_force.revision});
  batch.expectations.push_back({RawKey(key), 0});
  batch.puts.push_back(PutDocument(key, WrappedJson({id, kek->id(), wrapped})));
  TRY(store_.Commit(batch));
  return {};
}

Result<std::string> DataKeys::RotateKek(const std::function<bool()>& go_on) {
  const InForce before = TRY(ReadVault());
  const KekPtr fresh = TRY(keeper_.Make());
  if (!GoOn(go_on)) return fresh->id();
  store::Batch batch;
  batch.expectations.push_back({RawKey(kVaultEntry), before.revision});
  batch.puts.push_back(PutDocument(kVaultEntry, {{"id", vault_id_}, {"kek", fresh->id()}}));
  TRY(store_.Commit(batch));
  if (!GoOn(go_on)) return fresh->id();
  TRY(FinishRotation(go_on));
  return fresh->id();
}

Result<std::size_t> DataKeys::FinishRotation(const std::function<bool()>& go_on) {
  const InForce in_force = TRY(ReadVault());
  std::size_t out = 0;
  for (const store::Entry& entry : TRY(store::ScanAll(store_, RawKey(kDataKeyPrefix)))) {
    if (!TRY(Rewrap(entry, in_force))) continue;
    ++out;
    if (!GoOn(go_on)) break;
  }
  return out;
}

// False when it is under the KEK in force already.
Result<bool> DataKeys::Rewrap(const store::Entry& entry, const InForce& in_force) {
  WrappedKey key = TRY(WrappedOf(entry));
  if (key.kek == in_force.kek) return false;
  const std::string shard(AsText(entry.key).substr(kDataKeyPrefix.size()));
  const Bytes context = ContextOf(shard, key.id);
  const KekPtr old = TRY(keeper_.Find(key.kek));
  const KekPtr fresh = TRY(keeper_.Find(in_force.kek));
  const SecretBytes secret = TRY(old->Unwrap(context, key.wrapped));
  key.wrapped = TRY(fresh->Wrap(context, secret));
  key.kek = in_force.kek;
  store::Batch batch;
  batch.expectations.push_back({RawKey(kVaultEntry), in_force.revision});
  batch.expectations.push_back({entry.key, entry.version});
  batch.puts.push_back({entry.key, RawKey(json::Write(WrappedJson(key)))});
  TRY(store_.Commit(batch));
  return true;
}

}  // namespace assay::keys
