#include "keys/backup.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/aes_gcm.h"
#include "keys/key_json.h"

namespace assay::keys {
namespace {

constexpr std::string_view kWhereBackup = "key backup";
constexpr std::size_t kBackupKeyBytes = 32;

Bytes BackupContext(const std::string& vault) {
  return ToBytes(AsBytes("assay key backup 1/" + vault));
}

json::Object HeadOfBackup(const std::string& vault, const std::string& kek, View wrapped) {
  return {{"version", 1}, {"vault", vault}, {"kek", kek}, {"wrapped", Base64UrlEncode(wrapped)}};
}

// The text holds secrets; the string it is written to is cleansed by its owner.
std::string PayloadOf(const BackedUpKey& key) {
  json::Array versions;
  for (const BackedUpVersion& one : key.versions) {
    versions.emplace_back(json::Object{{"metadata", MetadataJson(one.version)},
                                       {"material", Base64UrlEncode(one.material.view())}});
  }
  json::Object out{
      {"name", key.entry.name}, {"current", key.entry.current}, {"versions", std::move(versions)}};
  if (key.entry.rotation) out.emplace_back("rotation", RotationPolicyJson(*key.entry.rotation));
  return json::Write(out);
}

Result<BackedUpKey> KeyOfPayload(View payload) {
  const json::Value document = TRY(json::Parse(AsText(payload)));
  BackedUpKey out;
  out.entry.name = TRY(document.String("name", kWhereBackup));
  out.entry.current = TRY(document.String("current", kWhereBackup));
  if (const json::Value* rotation = document.Find("rotation")) {
    const Outcome<RotationPolicy> policy = ParseRotationPolicy(*rotation);
    if (!policy) return Fail(ErrorCode::kMalformed, policy.error().message);
    out.entry.rotation = *policy;
  }
  for (const json::Value& one : *TRY(document.List("versions", kWhereBackup))) {
    const json::Value* const metadata = one.Find("metadata");
    if (metadata == nullptr) return Fail(ErrorCode::kMalformed, "key backup: expected metadata");
    Bytes material = TRY(Base64UrlDecode(TRY(one.String("material", kWhereBackup))));
    out.versions.push_back({TRY(MetadataFromJson(*metadata)), SecretBytes(View(material))});
    Cleanse(material);
  }
  out.entry.versions = out.versions.size();
  return out;
}

}  // namespace

Result<Bytes> WriteBackup(DataKeys& data_keys, const BackedUpKey& key) {
  const KekPtr kek = TRY(data_keys.CurrentKek());
  const SecretBytes own = TRY(RandomSecret(kBackupKeyBytes));
  const Bytes wrapped = TRY(kek->Wrap(BackupContext(data_keys.vault_id()), own));
  json::Object head = HeadOfBackup(data_keys.vault_id(), kek->id(), wrapped);
  std::string payload = PayloadOf(key);
  Result<GcmSealed> sealing = SealGcm(own.view(), AsBytes(json::Write(head)), AsBytes(payload));
  Cleanse(std::as_writable_bytes(std::span(payload)));
  const GcmSealed sealed = TRY(std::move(sealing));
  const json::Object out{{"backup", std::move(head)}, {"sealed", Base64UrlEncode(PackGcm(sealed))}};
  Bytes blob = ToBytes(AsBytes(json::Write(out)));
  if (blob.size() > limits::kKeyBackupBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("key {}: its backup would have {} bytes, and {} can be restored",
                            key.entry.name, blob.size(), limits::kKeyBackupBytes));
  }
  return blob;
}

Result<BackedUpKey> ReadBackup(DataKeys& data_keys, View blob) {
  if (blob.size() > limits::kKeyBackupBytes) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("key backup: expected at most {} bytes", limits::kKeyBackupBytes));
  }
  const json::Value document = TRY(json::Parse(AsText(blob)));
  const json::Value* const head = document.Find("backup");
  if (head == nullptr || TRY(head->Int("version", kWhereBackup)) != 1) {
    return Fail(ErrorCode::kUnsupported, "key backup: expected a backup of version 1");
  }
  const std::string vault = TRY(head->String("vault", kWhereBackup));
  if (vault != data_keys.vault_id()) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("key backup: it is of vault {}, and this is {}", vault, data_keys.vault_id()),
        "restore it at the vault it was made by");
  }
  const std::string kek_id = TRY(head->String("kek", kWhereBackup));
  const Bytes wrapped = TRY(Base64UrlDecode(TRY(head->String("wrapped", kWhereBackup))));
  const KekPtr kek = TRY(data_keys.FindKek(kek_id));
  const SecretBytes own = TRY(kek->Unwrap(BackupContext(vault), wrapped));
  const std::string authenticated = json::Write(HeadOfBackup(vault, kek_id, wrapped));
  const Bytes packed = TRY(Base64UrlDecode(TRY(document.String("sealed", kWhereBackup))));
  const SecretBytes payload =
      TRY(OpenGcm(own.view(), AsBytes(authenticated), TRY(UnpackGcm(packed))));
  return KeyOfPayload(payload.view());
}

}  // namespace assay::keys
