#include "ledger/entry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cbor.h"
#include "base/limits.h"
#include "crypto/aes_gcm.h"
#include "crypto/hmac.h"
#include "crypto/signing_key.h"

namespace assay::ledger {
namespace {

constexpr std::uint64_t kLeafFormat = 1;

SecretBytes EntryKey(const SecretBytes& data_key, const Hash& commitment) {
  Bytes label = ToBytes(AsBytes("assay ledger entry"));
  Append(label, commitment);
  Sha256Digest key = HmacSha256(data_key.view(), label);
  SecretBytes out{View(key)};
  Cleanse(key);
  return out;
}

Result<Hash> ReadHash(CborReader& reader, std::string_view field) {
  const View bytes = TRY(reader.ByteString(field, sizeof(Hash)));
  Hash out{};
  if (bytes.size() != out.size()) {
    return Fail(ErrorCode::kMalformed, fmt::format("ledger leaf: {}: expected 32 bytes", field));
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace

Bytes EncodeLeaf(const Leaf& leaf) {
  CborWriter out;
  out.Array(leaf.claims ? 4 : 3).Unsigned(kLeafFormat).Integer(UnixSeconds(leaf.time));
  out.ByteString(leaf.commitment);
  if (leaf.claims) out.ByteString(*leaf.claims);
  return out.Take();
}

Result<Leaf> DecodeLeaf(View bytes) {
  CborReader reader(bytes, "ledger leaf");
  const std::size_t items = TRY(reader.Array("leaf", 4));
  if (items < 3) return Fail(ErrorCode::kMalformed, "ledger leaf: expected 3 or 4 items");
  if (TRY(reader.Unsigned("format")) != kLeafFormat) {
    return Fail(ErrorCode::kUnsupported, "ledger leaf: expected format 1");
  }
  Leaf out;
  const std::int64_t seconds = TRY(reader.Integer("time"));
  out.time = FromUnixSeconds(seconds);
  out.commitment = TRY(ReadHash(reader, "commitment"));
  if (items == 4) out.claims = TRY(ReadHash(reader, "claims"));
  TRY_VOID(reader.ExpectEnd());
  return out;
}

Hash Commit(View salt, View body) {
  Bytes input = ToBytes(salt);
  Append(input, body);
  return Sha256(input);
}

Result<SealedEntry> SealEntry(const SecretBytes& data_key, Time time, View body,
                              const ClaimsOf& claims) {
  Bytes plain = TRY(RandomBytes(kSaltBytes));
  Leaf leaf{time, {}};
  if (claims) leaf.claims = claims(plain);
  Append(plain, body);
  const Hash commitment = Sha256(plain);
  leaf.commitment = commitment;
  SealedEntry out;
  out.leaf = EncodeLeaf(leaf);
  out.sealed = PackGcm(TRY(SealGcm(EntryKey(data_key, commitment).view(), out.leaf, plain)));
  return out;
}

Result<OpenedBody> OpenEntry(const SecretBytes& data_key, View leaf, View sealed) {
  const Leaf decoded = TRY(DecodeLeaf(leaf));
  const GcmSealed packed = TRY(UnpackGcm(sealed));
  const SecretBytes plain =
      TRY(OpenGcm(EntryKey(data_key, decoded.commitment).view(), leaf, packed));
  if (plain.size() < kSaltBytes) {
    return Fail(ErrorCode::kInvalidArgument, "ledger: a body has no salt");
  }
  OpenedBody out{ToBytes(plain.view().first(kSaltBytes)),
                 ToBytes(plain.view().subspan(kSaltBytes))};
  if (Commit(out.salt, out.body) != decoded.commitment) {
    return Fail(ErrorCode::kInvalidArgument, "ledger: a body is not the one its leaf commits to");
  }
  return out;
}

}  // namespace assay::ledger
