#include "keys/key_material.h"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.h"
#include "crypto/rsa_aes_key_wrap.h"
#include "crypto/signing_key.h"

namespace assay::keys {
namespace {

class PairInProcess final : public UsableKey {
 public:
  explicit PairInProcess(AsymmetricKey pair) : pair_(std::move(pair)) {}

  Outcome<Bytes> Sign(DigestSignature algorithm, View digest) const override {
    return TRY(SignDigest(pair_, algorithm, digest));
  }
  Outcome<bool> Verify(DigestSignature algorithm, View digest, View signature) const override {
    return TRY(VerifyDigest(pair_, algorithm, digest, signature));
  }
  Outcome<Bytes> Encrypt(RsaCipher cipher, View plain) const override {
    return TRY(EncryptRsa(pair_, cipher, plain));
  }
  Outcome<SecretBytes> Decrypt(RsaCipher cipher, View sealed) const override {
    return TRY(DecryptRsa(pair_, cipher, sealed));
  }
  Outcome<Bytes> Release(const PublicKey& to, OaepHash hash) const override {
    const SecretBytes secret = TRY(pair_.ToPkcs8());
    return TRY(WrapRsaAes(to, hash, secret.view()));
  }

 private:
  const AsymmetricKey pair_;
};

class OctInProcess final : public UsableKey {
 public:
  explicit OctInProcess(SecretBytes secret) : secret_(std::move(secret)) {}

  Outcome<GcmSealed> SealGcm(View aad, View plain) const override {
    return TRY(assay::SealGcm(secret_.view(), aad, plain));
  }
  Outcome<SecretBytes> OpenGcm(View aad, const GcmSealed& sealed) const override {
    return TRY(assay::OpenGcm(secret_.view(), aad, sealed));
  }
  Outcome<Bytes> EncryptCbc(View iv, CbcPadding padding, View plain) const override {
    return TRY(EncryptAesCbc(secret_.view(), iv, padding, plain));
  }
  Outcome<SecretBytes> DecryptCbc(View iv, CbcPadding padding, View text) const override {
    return TRY(DecryptAesCbc(secret_.view(), iv, padding, text));
  }
  Outcome<Bytes> Wrap(KeyWrap wrap, View key) const override {
    return TRY(wrap == KeyWrap::kKwp ? WrapAesKwp(secret_.view(), key)
                                     : WrapAesKw(secret_.view(), key));
  }
  Outcome<SecretBytes> Unwrap(KeyWrap wrap, View wrapped) const override {
    return TRY(wrap == KeyWrap::kKwp ? UnwrapAesKwp(secret_.view(), wrapped)
                                     : UnwrapAesKw(secret_.view(), wrapped));
  }
  Outcome<Bytes> Release(const PublicKey& to, OaepHash hash) const override {
    return TRY(WrapRsaAes(to, hash, secret_.view()));
  }

 private:
  const SecretBytes secret_;
};

}  // namespace

Outcome<void> CheckOctBits(unsigned bits) {
  if (bits == 128 || bits == 192 || bits == 256) return {};
  return Refuse(FaultKind::kBadParameter,
                fmt::format("key_size: expected 128, 192 or 256 for oct, found {}", bits));
}

Outcome<ImportedKey> GenerateKey(const KeySpec& spec) {
  ImportedKey out;
  out.kind = spec.kind;
  switch (spec.kind) {
    case KeyKind::kRsa: out.pair = TRY(AsymmetricKey::GenerateRsa(spec.bits, spec.exponent)); break;
    case KeyKind::kEc: out.pair = TRY(AsymmetricKey::GenerateEc(spec.curve)); break;
    case KeyKind::kOct:
      TRY_VOID(CheckOctBits(spec.bits));
      out.oct = TRY(RandomSecret(spec.bits / 8));
      break;
  }
  return out;
}

Outcome<PublicHalf> PublicHalfOf(const ImportedKey& key) {
  PublicHalf out;
  if (key.kind == KeyKind::kOct) {
    out.bits = static_cast<unsigned>(key.oct.size() * 8);
    if (CheckOctBits(out.bits)) return out;
    return Refuse(FaultKind::kBadParameter, "k: expected 16, 24 or 32 bytes");
  }
  out.bits = key.pair->bits();
  if (key.kind == KeyKind::kEc) {
    out.ec = TRY(key.pair->EcPublic());
    return out;
  }
  out.rsa = TRY(key.pair->RsaPublic());
  if (out.bits == 2048 || out.bits == 3072 || out.bits == 4096) return out;
  return Refuse(FaultKind::kBadParameter,
                fmt::format("n: expected 2048, 3072 or 4096 bits, found {}", out.bits));
}

Outcome<SecretBytes> SecretOf(const ImportedKey& key) {
  if (key.kind == KeyKind::kOct) return SecretBytes(key.oct.view());
  return TRY(key.pair->ToPkcs8());
}

Outcome<UsableKeyPtr> OpenMaterial(KeyKind kind, SecretBytes secret) {
  if (kind == KeyKind::kOct) return std::make_shared<OctInProcess>(std::move(secret));
  return std::make_shared<PairInProcess>(TRY(AsymmetricKey::FromPkcs8(secret.view())));
}

Result<std::string> NewVersionId() { return HexEncode(TRY(RandomBytes(16))); }

}  // namespace assay::keys
