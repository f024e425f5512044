// AES keys in a token.
#include "crypto/aes_cfb.h"
#include "keys/pkcs11_gcm.h"
#include "keys/pkcs11_key.h"
#include "keys/pkcs11_wrap.h"

namespace assay::keys {
namespace {

class TokenOct final : public UsableKey {
 public:
  TokenOct(std::shared_ptr<Pkcs11Token> token, CK_OBJECT_HANDLE key, KwpOfToken kwp)
      : token_(std::move(token)), key_(key), kwp_(kwp) {}

  Outcome<GcmSealed> SealGcm(View aad, View plain) const override {
    Pkcs11Session session = TRY(token_->Session());
    return SealGcmInToken(session, key_, aad, plain);
  }
  Outcome<SecretBytes> OpenGcm(View aad, const GcmSealed& sealed) const override {
    Pkcs11Session session = TRY(token_->Session());
    return OpenGcmInToken(session, key_, aad, sealed);
  }
  Outcome<Bytes> EncryptCbc(View iv, CbcPadding padding, View plain) const override;
  Outcome<SecretBytes> DecryptCbc(View iv, CbcPadding padding, View text) const override;
  Outcome<Bytes> Wrap(KeyWrap wrap, View key) const override;
  Outcome<SecretBytes> Unwrap(KeyWrap wrap, View wrapped) const override;
  Outcome<Bytes> Release(const PublicKey& to, OaepHash hash) const override {
    Pkcs11Session session = TRY(token_->Session());
    return ReleaseFromToken(session, key_, kwp_, to, hash);
  }

 private:
  Outcome<CK_MECHANISM_TYPE> MechanismOf(KeyWrap wrap) const;

  const std::shared_ptr<Pkcs11Token> token_;
  const CK_OBJECT_HANDLE key_;
  const KwpOfToken kwp_;
};

CK_MECHANISM CbcMechanism(CbcPadding padding, View iv) {
  return {padding == CbcPadding::kPkcs7 ? CKM_AES_CBC_PAD : CKM_AES_CBC, RawBytes(iv), iv.size()};
}

Outcome<Bytes> TokenOct::EncryptCbc(View iv, CbcPadding padding, View plain) const {
  TRY_VOID(CheckCbcText(iv, padding, plain));
  Pkcs11Session session = TRY(token_->Session());
  Bytes out(plain.size() + kAesBlockBytes);
  out.resize(TRY(session.Perform("AES-CBC", session->C_EncryptInit, session->C_Encrypt,
                                 CbcMechanism(padding, iv), key_, plain, out)));
  return out;
}

Outcome<SecretBytes> TokenOct::DecryptCbc(View iv, CbcPadding padding, View text) const {
  TRY_VOID(CheckCbcText(iv, CbcPadding::kNone, text));
  Pkcs11Session session = TRY(token_->Session());
  SecretBytes room(text.size());
  const std::size_t size =
      TRY(session.Perform("AES-CBC", session->C_DecryptInit, session->C_Decrypt,
                          CbcMechanism(padding, iv), key_, text, room.writable()));
  return SecretBytes(room.view().first(size));
}

Outcome<CK_MECHANISM_TYPE> TokenOct::MechanismOf(KeyWrap wrap) const {
  if (wrap == KeyWrap::kKw) return CKM_AES_KEY_WRAP;
  if (kwp_.mechanism != 0) return kwp_.mechanism;
  return Refuse(FaultKind::kNotSupported,
                "the HSM that holds the key cannot do AES-KWP (RFC 5649)");
}

Outcome<Bytes> TokenOct::Wrap(KeyWrap wrap, View key) const {
  TRY_VOID(CheckKeyToWrap(wrap, key));
  const CK_MECHANISM_TYPE mechanism = TRY(MechanismOf(wrap));
  if (wrap == KeyWrap::kKwp && kwp_.fills && key.size() % 8 != 0) {
    return Refuse(
        FaultKind::kNotSupported,
        "value: the HSM that holds the key wraps by AES-KWP only what has a multiple of 8 "
        "bytes");
  }
  Pkcs11Session session = TRY(token_->Session());
  return WrapInToken(session, mechanism, key_, key);
}

Outcome<SecretBytes> TokenOct::Unwrap(KeyWrap wrap, View wrapped) const {
  TRY_VOID(CheckWrappedKey(wrap, wrapped));
  const CK_MECHANISM_TYPE mechanism = TRY(MechanismOf(wrap));
  Pkcs11Session session = TRY(token_->Session());
  return UnwrapInToken(session, mechanism, key_, wrapped);
}

}  // namespace

UsableKeyPtr MakeTokenOct(std::shared_ptr<Pkcs11Token> token, CK_OBJECT_HANDLE key,
                          KwpOfToken kwp) {
  return std::make_shared<TokenOct>(std::move(token), key, kwp);
}

}  // namespace assay::keys
