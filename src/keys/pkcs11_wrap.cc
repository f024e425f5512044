#include "keys/pkcs11_wrap.h"

#include <optional>

#include "base/limits.h"
#include "crypto/asymmetric_key.h"
#include "crypto/rsa_aes_key_wrap.h"
#include "crypto/signing_key.h"

namespace assay::keys {
namespace {

// PKCS #11 v3.0 §2.14: AES-KWP by its own name. Headers of v2.40 do not have it.
constexpr CK_MECHANISM_TYPE kAesKeyWrapKwp = 0x210BUL;
constexpr std::size_t kSemiblockBytes = 8;

Outcome<CK_OBJECT_HANDLE> CreateInSession(const Pkcs11Session& session, Pkcs11Template& wanted) {
  wanted.Flag(CKA_TOKEN, false).Flag(CKA_PRIVATE, true);
  CK_OBJECT_HANDLE out = 0;
  const CK_RV code = session->C_CreateObject(session.raw(), wanted.data(), wanted.size(), &out);
  if (code != CKR_OK) return HsmRefused("taking in a key to wrap", code);
  return out;
}

Outcome<Bytes> WrapObject(Pkcs11Session& session, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE kek,
                          CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  Bytes out(limits::kWrappedKeyBytes + 2 * kSemiblockBytes);
  CK_ULONG size = out.size();
  const CK_RV code = session->C_WrapKey(session.raw(), &mechanism, kek, key, RawBytes(out), &size);
  if (code != CKR_OK || size > out.size()) {
    session.Spoil();
    return HsmRefused("wrapping a key with AES", code);
  }
  out.resize(size);
  return out;
}

// One that this process knows.
Outcome<CK_OBJECT_HANDLE> CreateAes(const Pkcs11Session& session, View value) {
  Pkcs11Template wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Number(CKA_KEY_TYPE, CKK_AES);
  wanted.Flag(CKA_WRAP, true).Flag(CKA_SENSITIVE, true).Flag(CKA_EXTRACTABLE, false);
  wanted.Octets(CKA_VALUE, value);
  return CreateInSession(session, wanted);
}

Outcome<CK_OBJECT_HANDLE> GenerateAes(const Pkcs11Session& session) {
  Pkcs11Template wanted;
  wanted.Flag(CKA_TOKEN, false).Flag(CKA_PRIVATE, true).Flag(CKA_WRAP, true);
  wanted.Flag(CKA_SENSITIVE, true).Flag(CKA_EXTRACTABLE, true);
  wanted.Number(CKA_VALUE_LEN, kRsaAesEphemeralBytes);
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE out = 0;
  const CK_RV code =
      session->C_GenerateKey(session.raw(), &mechanism, wanted.data(), wanted.size(), &out);
  if (code != CKR_OK) return HsmRefused("making a key of the moment", code);
  return out;
}

Outcome<CK_OBJECT_HANDLE> CreateRecipient(const Pkcs11Session& session, const PublicKey& to) {
  const RsaPublicParts parts = TRY(RsaPartsOf(to));
  Pkcs11Template wanted;
  wanted.Number(CKA_CLASS, CKO_PUBLIC_KEY).Number(CKA_KEY_TYPE, CKK_RSA).Flag(CKA_WRAP, true);
  wanted.Octets(CKA_MODULUS, parts.n).Octets(CKA_PUBLIC_EXPONENT, parts.e);
  return CreateInSession(session, wanted);
}

CK_RSA_PKCS_OAEP_PARAMS OaepOf(OaepHash hash) {
  switch (hash) {
    case OaepHash::kSha1: return {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
    case OaepHash::kSha256: return {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 0};
    case OaepHash::kSha384: return {CKM_SHA384, CKG_MGF1_SHA384, CKZ_DATA_SPECIFIED, nullptr, 0};
  }
  return {};
}

// Nothing when OAEP with that hash is beyond the token.
Outcome<std::optional<Bytes>> WrapByOaep(Pkcs11Session& session, const PublicKey& to, OaepHash hash,
                                         CK_OBJECT_HANDLE aes) {
  const Pkcs11SessionObject recipient(session, TRY(CreateRecipient(session, to)));
  CK_RSA_PKCS_OAEP_PARAMS oaep = OaepOf(hash);
  CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
  Bytes out(limits::kWrappedKeyBytes);
  CK_ULONG size = out.size();
  const CK_RV code =
      session->C_WrapKey(session.raw(), &mechanism, recipient.get(), aes, RawBytes(out), &size);
  if (IsBeyondToken(code)) return std::nullopt;
  if (code != CKR_OK || size > out.size()) return HsmRefused("wrapping a key with RSA-OAEP", code);
  out.resize(size);
  return out;
}

// What the token makes of a key of 20 bytes, which is no multiple of 8.
Outcome<KwpOfToken> TryKwp(Pkcs11Session& session, CK_MECHANISM_TYPE mechanism) {
  const SecretBytes kek = TRY(RandomSecret(kRsaAesEphemeralBytes));
  const Bytes known = TRY(RandomBytes(20));
  const Pkcs11SessionObject held(session, TRY(CreateAes(session, kek.view())));
  const Bytes wrapped = TRY(WrapInToken(session, mechanism, held.get(), known));
  const SecretBytes found = TRY(UnwrapAesKwp(kek.view(), wrapped));
  if (Equal(found.view(), known)) return KwpOfToken{mechanism, false};
  Bytes filled = known;
  filled.resize((known.size() + kSemiblockBytes - 1) / kSemiblockBytes * kSemiblockBytes);
  if (Equal(found.view(), filled)) return KwpOfToken{mechanism, true};
  return Refuse(FaultKind::kNotSupported, "the HSM's AES-KWP is another one");
}

}  // namespace

Result<KwpOfToken> FindKwp(Pkcs11Token& token) {
  Pkcs11Session session = TRY(token.Session());
  for (const CK_MECHANISM_TYPE mechanism : {kAesKeyWrapKwp, CKM_AES_KEY_WRAP_PAD}) {
    if (!session.Has(mechanism)) continue;
    if (const Outcome<KwpOfToken> found = TryKwp(session, mechanism)) return *found;
  }
  return KwpOfToken{};
}

Outcome<Bytes> WrapInToken(Pkcs11Session& session, CK_MECHANISM_TYPE mechanism,
                           CK_OBJECT_HANDLE kek, View key) {
  Pkcs11Template wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
  wanted.Flag(CKA_SENSITIVE, true).Flag(CKA_EXTRACTABLE, true).Octets(CKA_VALUE, key);
  const Pkcs11SessionObject held(session, TRY(CreateInSession(session, wanted)));
  return WrapObject(session, mechanism, kek, held.get());
}

Outcome<SecretBytes> UnwrapInToken(Pkcs11Session& session, CK_MECHANISM_TYPE type,
                                   CK_OBJECT_HANDLE kek, View wrapped) {
  Pkcs11Template wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
  wanted.Flag(CKA_TOKEN, false).Flag(CKA_PRIVATE, true);
  wanted.Flag(CKA_SENSITIVE, false).Flag(CKA_EXTRACTABLE, true);
  CK_MECHANISM mechanism{type, nullptr, 0};
  CK_OBJECT_HANDLE key = 0;
  CK_RV code = session->C_UnwrapKey(session.raw(), &mechanism, kek, RawBytes(wrapped),
                                    wrapped.size(), wanted.data(), wanted.size(), &key);
  if (code != CKR_OK) {
    session.Spoil();
    if (IsBeyondToken(code)) return HsmRefused("unwrapping a key with AES", code);
    return Refuse(FaultKind::kBadParameter,
                  "AES key wrap: it was wrapped under another key, or changed since");
  }
  const Pkcs11SessionObject held(session, key);
  SecretBytes room(wrapped.size());
  CK_ATTRIBUTE value{CKA_VALUE, room.writable().data(), room.size()};
  code = session->C_GetAttributeValue(session.raw(), key, &value, 1);
  if (code != CKR_OK || value.ulValueLen > room.size()) {
    return HsmRefused("giving out an unwrapped key", code);
  }
  return SecretBytes(room.view().first(value.ulValueLen));
}

Outcome<Bytes> ReleaseFromToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, KwpOfToken kwp,
                                const PublicKey& to, OaepHash hash) {
  if (kwp.mechanism == 0) {
    return Refuse(FaultKind::kNotSupported,
                  "the HSM that holds the key cannot release it: it has no AES-KWP (RFC 5649)");
  }
  {
    const Pkcs11SessionObject aes(session, TRY(GenerateAes(session)));
    if (auto out = TRY(WrapByOaep(session, to, hash, aes.get()))) {
      Append(*out, TRY(WrapObject(session, kwp.mechanism, aes.get(), key)));
      return std::move(*out);
    }
  }
  const SecretBytes drawn = TRY(RandomSecret(kRsaAesEphemeralBytes));
  const Pkcs11SessionObject aes(session, TRY(CreateAes(session, drawn.view())));
  Bytes out = TRY(EncryptOaep(to, hash, {}, drawn.view()));
  Append(out, TRY(WrapObject(session, kwp.mechanism, aes.get(), key)));
  return out;
}

}  // namespace assay::keys
