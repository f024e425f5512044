// RSA and EC keys in a token.
#include <fmt/format.h>

#include <optional>

#include "base/encoding.h"
#include "keys/pkcs11_key.h"
#include "keys/pkcs11_wrap.h"

namespace assay::keys {
namespace {

// DER of DigestInfo before the digest itself (RFC 8017 §9.2, note 1): CKM_RSA_PKCS pads what it is
// given, and is given a digest that the client made.
Result<Bytes> DigestInfo(View digest) {
  const std::string_view prefix = digest.size() == 32   ? "3031300d060960864801650304020105000420"
                                  : digest.size() == 48 ? "3041300d060960864801650304020205000430"
                                                        : "3051300d060960864801650304020305000440";
  Bytes out = TRY(HexDecode(prefix));
  Append(out, digest);
  return out;
}

CK_RSA_PKCS_PSS_PARAMS PssOf(DigestSignature algorithm) {
  const std::size_t size = DigestBytes(algorithm);  // of the salt, too
  if (size == 32) return {CKM_SHA256, CKG_MGF1_SHA256, size};
  return size == 48 ? CK_RSA_PKCS_PSS_PARAMS{CKM_SHA384, CKG_MGF1_SHA384, size}
                    : CK_RSA_PKCS_PSS_PARAMS{CKM_SHA512, CKG_MGF1_SHA512, size};
}

// A mechanism of a signature, what it takes, and the parameters it points to.
struct TokenSignature {
  CK_RSA_PKCS_PSS_PARAMS pss{};
  Bytes input;
  CK_MECHANISM_TYPE type = CKM_ECDSA;
  CK_MECHANISM mechanism() {
    if (type != CKM_RSA_PKCS_PSS) return {type, nullptr, 0};
    return {type, &pss, sizeof pss};
  }
};

struct TokenCipher {
  CK_RSA_PKCS_OAEP_PARAMS oaep{};
  bool pkcs1 = false;
  CK_MECHANISM mechanism() {
    if (pkcs1) return {CKM_RSA_PKCS, nullptr, 0};
    return {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
  }
};

TokenCipher CipherOf(RsaCipher cipher) {
  TokenCipher out;
  out.pkcs1 = cipher == RsaCipher::kPkcs1;
  out.oaep.source = CKZ_DATA_SPECIFIED;
  const bool sha1 = cipher == RsaCipher::kOaepSha1;
  out.oaep.hash_alg = sha1 ? CKM_SHA_1 : CKM_SHA256;
  out.oaep.mgf = sha1 ? CKG_MGF1_SHA1 : CKG_MGF1_SHA256;
  return out;
}

std::string_view NameOfCipher(RsaCipher cipher) {
  if (cipher == RsaCipher::kPkcs1) return "RSA1_5";
  return cipher == RsaCipher::kOaepSha1 ? "RSA-OAEP" : "RSA-OAEP-256";
}

class TokenPairKey final : public UsableKey {
 public:
  TokenPairKey(std::shared_ptr<Pkcs11Token> token, TokenPair pair, const KeyVersion& version,
               KwpOfToken kwp)
      : token_(std::move(token)), pair_(pair), kwp_(kwp), modulus_bytes_(version.rsa.n.size()) {
    if (version.kind == KeyKind::kEc) curve_ = version.ec.curve;
  }

  Outcome<Bytes> Sign(DigestSignature algorithm, View digest) const override;
  Outcome<bool> Verify(DigestSignature algorithm, View digest, View signature) const override;
  Outcome<Bytes> Encrypt(RsaCipher cipher, View plain) const override;
  Outcome<SecretBytes> Decrypt(RsaCipher cipher, View sealed) const override;
  Outcome<Bytes> Release(const PublicKey& to, OaepHash hash) const override {
    Pkcs11Session session = TRY(token_->Session());
    return ReleaseFromToken(session, pair_.private_key, kwp_, to, hash);
  }

 private:
  std::size_t SignatureBytes() const {
    return curve_ ? 2 * CoordinateBytes(*curve_) : modulus_bytes_;
  }
  Outcome<TokenSignature> SignatureOf(DigestSignature algorithm, View digest) const;

  const std::shared_ptr<Pkcs11Token> token_;
  const TokenPair pair_;
  const KwpOfToken kwp_;
  const std::size_t modulus_bytes_;  // 0 for EC
  std::optional<NamedCurve> curve_;  // nothing for RSA
};

Outcome<TokenSignature> TokenPairKey::SignatureOf(DigestSignature algorithm, View digest) const {
  TRY_VOID(CheckDigest(curve_, algorithm, digest));
  TokenSignature out;
  out.input = ToBytes(digest);
  if (curve_) return out;
  out.type = IsPss(algorithm) ? CKM_RSA_PKCS_PSS : CKM_RSA_PKCS;
  if (IsPss(algorithm)) {
    out.pss = PssOf(algorithm);
  } else {
    out.input = TRY(DigestInfo(digest));
  }
  return out;
}

// CKM_ECDSA gives r ‖ s, each of the curve's size (v2.40 §2.3.1), as the API has it.
Outcome<Bytes> TokenPairKey::Sign(DigestSignature algorithm, View digest) const {
  TokenSignature signature = TRY(SignatureOf(algorithm, digest));
  Pkcs11Session session = TRY(token_->Session());
  Bytes out(SignatureBytes());
  const std::size_t size =
      TRY(session.Perform(Name(algorithm), session->C_SignInit, session->C_Sign,
                          signature.mechanism(), pair_.private_key, signature.input, out));
  if (size == out.size()) return out;
  return Refuse(FaultKind::kInternal, fmt::format("the HSM gave a signature of {} bytes", size));
}

Outcome<bool> TokenPairKey::Verify(DigestSignature algorithm, View digest, View value) const {
  TokenSignature signature = TRY(SignatureOf(algorithm, digest));
  if (value.size() != SignatureBytes()) return false;
  Pkcs11Session session = TRY(token_->Session());
  CK_MECHANISM mechanism = signature.mechanism();
  CK_RV code = session->C_VerifyInit(session.raw(), &mechanism, pair_.public_key);
  if (code != CKR_OK) return HsmRefused(Name(algorithm), code);
  code = session->C_Verify(session.raw(), RawBytes(View(signature.input)), signature.input.size(),
                           RawBytes(value), value.size());
  if (code == CKR_OK) return true;
  session.Spoil();
  if (code == CKR_SIGNATURE_INVALID || code == CKR_SIGNATURE_LEN_RANGE) return false;
  return HsmRefused(Name(algorithm), code);
}

Outcome<Bytes> TokenPairKey::Encrypt(RsaCipher cipher, View plain) const {
  if (curve_) return UsableKey::Encrypt(cipher, plain);
  TRY_VOID(CheckRsaPlain(cipher, modulus_bytes_, plain));
  TokenCipher by = CipherOf(cipher);
  Pkcs11Session session = TRY(token_->Session());
  Bytes out(modulus_bytes_);
  out.resize(TRY(session.Perform(NameOfCipher(cipher), session->C_EncryptInit, session->C_Encrypt,
                                 by.mechanism(), pair_.public_key, plain, out)));
  return out;
}

Outcome<SecretBytes> TokenPairKey::Decrypt(RsaCipher cipher, View sealed) const {
  if (curve_) return UsableKey::Decrypt(cipher, sealed);
  TokenCipher by = CipherOf(cipher);
  Pkcs11Session session = TRY(token_->Session());
  SecretBytes room(modulus_bytes_);
  const std::size_t size =
      TRY(session.Perform(NameOfCipher(cipher), session->C_DecryptInit, session->C_Decrypt,
                          by.mechanism(), pair_.private_key, sealed, room.writable()));
  return SecretBytes(room.view().first(size));
}

}  // namespace

UsableKeyPtr MakeTokenPair(std::shared_ptr<Pkcs11Token> token, TokenPair pair,
                           const KeyVersion& version, KwpOfToken kwp) {
  return std::make_shared<TokenPairKey>(std::move(token), pair, version, kwp);
}

}  // namespace assay::keys
