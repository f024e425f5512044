#include "keys/key_seal.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/reader.h"
#include "crypto/aes_gcm.h"
#include "crypto/digest.h"
#include "keys/key_json.h"

namespace assay::keys {
namespace {

constexpr std::byte kSealFormat{1};
constexpr std::size_t kDataKeyIdBytes = 16;

Bytes SealContext(const DataKeys& data_keys, const KeyVersion& version) {
  const Sha256Digest digest = Sha256(AsBytes(json::Write(MetadataJson(version))));
  Bytes out = ToBytes(AsBytes(fmt::format("assay key material 1/{}/", data_keys.vault_id())));
  Append(out, digest);
  return out;
}

tl::unexpected<Error> BrokenSeal(const KeyVersion& version) {
  return Fail(ErrorCode::kInternal,
              fmt::format("key {}/{}: what is stored of it is not what was sealed", version.name,
                          version.version),
              "the database was changed by somebody else: restore it from a backup");
}

}  // namespace

Result<void> Seal(DataKeys& data_keys, KeyVersion& version, const SecretBytes& material) {
  const auto data_key = TRY(data_keys.ForName(version.name));
  version.sealed = {kSealFormat};
  Append(version.sealed, TRY(HexDecode(data_key->id)));
  Append(version.sealed, PackGcm(TRY(SealGcm(data_key->key.view(), SealContext(data_keys, version),
                                             material.view()))));
  return {};
}

Result<SecretBytes> Unseal(DataKeys& data_keys, const KeyVersion& version) {
  Reader reader(version.sealed, "sealed key");
  if (std::byte{TRY(reader.U8("format"))} != kSealFormat) {
    return Fail(ErrorCode::kUnsupported, "sealed key: expected format 1");
  }
  const std::string id = HexEncode(TRY(reader.Take(kDataKeyIdBytes, "data key")));
  const auto data_key = TRY(data_keys.ForName(version.name));
  if (data_key->id != id) return BrokenSeal(version);
  auto out =
      OpenGcm(data_key->key.view(), SealContext(data_keys, version), TRY(UnpackGcm(reader.rest())));
  if (!out) return BrokenSeal(version);
  return std::move(*out);
}

}  // namespace assay::keys
