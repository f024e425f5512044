#include "keys/pkcs11_kek.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/aes_gcm.h"
#include "crypto/signing_key.h"
#include "keys/pkcs11_gcm.h"
#include "keys/pkcs11_session.h"

namespace assay::keys {
namespace {

constexpr std::string_view kKekLabel = "assay-kek";
constexpr std::size_t kKekIdBytes = 16;
constexpr CK_ULONG kKekValueBytes = 32;

Result<CK_OBJECT_HANDLE> GenerateKek(Pkcs11Token& token, View id) {
  const Pkcs11Session session = TRY(token.Session());
  Pkcs11Template wanted;
  wanted.Flag(CKA_TOKEN, true).Flag(CKA_PRIVATE, true).Flag(CKA_SENSITIVE, true);
  wanted.Flag(CKA_EXTRACTABLE, false).Flag(CKA_ENCRYPT, true).Flag(CKA_DECRYPT, true);
  wanted.Number(CKA_VALUE_LEN, kKekValueBytes);
  wanted.Octets(CKA_LABEL, AsBytes(kKekLabel)).Octets(CKA_ID, id);
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE key = 0;
  const CK_RV code =
      session->C_GenerateKey(session.raw(), &mechanism, wanted.data(), wanted.size(), &key);
  if (code != CKR_OK) return HsmFailed("making a key", code);
  return key;
}

// What could be read out of the HSM would be no better than a file.
Result<void> CheckKekStays(Pkcs11Session& session, CK_OBJECT_HANDLE key) {
  if (TRY(session.Flag(key, CKA_SENSITIVE)) && !TRY(session.Flag(key, CKA_EXTRACTABLE))) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "HSM: the key-encryption key can be read out: expected CKA_SENSITIVE and not "
              "CKA_EXTRACTABLE");
}

Result<CK_OBJECT_HANDLE> FindKek(Pkcs11Token& token, View id) {
  Pkcs11Session session = TRY(token.Session());
  Pkcs11Template wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Number(CKA_KEY_TYPE, CKK_AES);
  wanted.Octets(CKA_LABEL, AsBytes(kKekLabel)).Octets(CKA_ID, id);
  const std::vector<CK_OBJECT_HANDLE> found = TRY(session.Find(wanted, 2));
  if (found.size() != 1) {
    return Fail(ErrorCode::kMissing,
                fmt::format("HSM: expected one key {} of id {} in the token {}, found {}",
                            kKekLabel, HexEncode(id), token.label(), found.size()));
  }
  TRY_VOID(CheckKekStays(session, found[0]));
  return found[0];
}

class Pkcs11Kek final : public KeyEncryptionKey {
 public:
  Pkcs11Kek(std::shared_ptr<Pkcs11Token> token, std::string id, CK_OBJECT_HANDLE key)
      : token_(std::move(token)), id_(std::move(id)), key_(key) {}

  std::string id() const override { return id_; }

  Result<Bytes> Wrap(View context, const SecretBytes& secret) override {
    Pkcs11Session session = TRY(token_->Session());
    auto sealed = SealGcmInToken(session, key_, context, secret.view());
    if (!sealed) return Fail(ErrorCode::kIo, "HSM: " + sealed.error().message);
    Bytes out = std::move(sealed->iv);
    Append(out, sealed->text);
    Append(out, sealed->tag);
    return out;
  }

  Result<SecretBytes> Unwrap(View context, View wrapped) override {
    if (wrapped.size() < kGcmIvBytes + kGcmTagBytes) {
      return Fail(ErrorCode::kMalformed, "HSM: a wrapped key is too short");
    }
    const std::size_t end = wrapped.size() - kGcmTagBytes;
    Pkcs11Session session = TRY(token_->Session());
    auto opened = OpenGcmInToken(
        session, key_, context,
        {ToBytes(wrapped.first(kGcmIvBytes)),
         ToBytes(wrapped.subspan(kGcmIvBytes, end - kGcmIvBytes)), ToBytes(wrapped.subspan(end))});
    if (opened) return std::move(*opened);
    const bool other_key = opened.error().kind == FaultKind::kBadParameter;
    return Fail(
        other_key ? ErrorCode::kInvalidArgument : ErrorCode::kIo,
        other_key ? "HSM: this was not wrapped by that key" : "HSM: " + opened.error().message);
  }

 private:
  const std::shared_ptr<Pkcs11Token> token_;
  const std::string id_;
  const CK_OBJECT_HANDLE key_;
};

}  // namespace

Result<KekPtr> Pkcs11Keks::Make() {
  const Bytes id = TRY(RandomBytes(kKekIdBytes));
  const CK_OBJECT_HANDLE key = TRY(GenerateKek(*token_, id));
  return std::make_shared<Pkcs11Kek>(token_, HexEncode(id), key);
}

Result<KekPtr> Pkcs11Keks::Find(const std::string& id) {
  const Bytes raw = TRY(HexDecode(id));
  if (raw.size() != kKekIdBytes) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: expected an id of 32 digits");
  }
  const CK_OBJECT_HANDLE key = TRY(FindKek(*token_, raw));
  return std::make_shared<Pkcs11Kek>(token_, id, key);
}

}  // namespace assay::keys
