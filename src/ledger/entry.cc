#include "ledger/entry.h"

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

}  // namespace

Bytes EncodeLeaf(const Leaf& leaf) {
  return CborWriter()
      .Array(3)
      .Unsigned(kLeafFormat)
      .Integer(UnixSeconds(leaf.time))
      .ByteString(leaf.commitment)
      .Take();
}

Result<Leaf> DecodeLeaf(View bytes) {
  CborReader reader(bytes, "ledger leaf");
  TRY_VOID(reader.ArrayOf("leaf", 3));
  if (TRY(reader.Unsigned("format")) != kLeafFormat) {
    return Fail(ErrorCode::kUnsupported, "ledger leaf: expected format 1");
  }
  Leaf out;
  const std::int64_t seconds = TRY(reader.Integer("time"));
  out.time = FromUnixSeconds(seconds);
  const View commitment = TRY(reader.ByteString("commitment", sizeof(Hash)));
  TRY_VOID(reader.ExpectEnd());
  if (commitment.size() != sizeof(Hash)) {
    return Fail(ErrorCode::kMalformed, "ledger leaf: expected a commitment of 32 bytes");
  }
  std::copy(commitment.begin(), commitment.end(), out.commitment.begin());
  return out;
}

Hash Commit(View salt, View body) {
  Bytes input = ToBytes(salt);
  Append(input, body);
  return Sha256(input);
}

Result<SealedEntry> SealEntry(const SecretBytes& data_key, Time time, View body) {
  Bytes plain = TRY(RandomBytes(kSaltBytes));
  Append(plain, body);
  const Hash commitment = Sha256(plain);
  SealedEntry out;
  out.leaf = EncodeLeaf({time, commitment});
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
