#include "keys/pkcs11_gcm.h"

#include "crypto/signing_key.h"

namespace assay::keys {
namespace {

CK_GCM_PARAMS GcmParameters(View iv, View aad) {
  CK_GCM_PARAMS out{};
  out.pIv = RawBytes(iv);
  out.ulIvLen = iv.size();
  out.ulIvBits = iv.size() * 8;
  out.pAAD = RawBytes(aad);
  out.ulAADLen = aad.size();
  out.ulTagBits = kGcmTagBytes * 8;
  return out;
}

}  // namespace

// C_Encrypt gives ciphertext ‖ tag, and C_Decrypt takes that (v2.40 §2.12.3).
Outcome<GcmSealed> SealGcmInToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, View aad,
                                  View plain) {
  GcmSealed out;
  out.iv = TRY(RandomBytes(kGcmIvBytes));
  CK_GCM_PARAMS gcm = GcmParameters(out.iv, aad);
  Bytes text(plain.size() + kGcmTagBytes);
  const std::size_t size =
      TRY(session.Perform("AES-GCM", session->C_EncryptInit, session->C_Encrypt,
                          {CKM_AES_GCM, &gcm, sizeof gcm}, key, plain, text));
  if (size != text.size()) {
    return Refuse(FaultKind::kInternal, "the HSM gave an AES-GCM text of another size");
  }
  out.text = ToBytes(View(text).first(plain.size()));
  out.tag = ToBytes(View(text).subspan(plain.size()));
  return out;
}

Outcome<SecretBytes> OpenGcmInToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, View aad,
                                    const GcmSealed& sealed) {
  if (sealed.iv.size() != kGcmIvBytes || sealed.tag.size() != kGcmTagBytes) {
    return Refuse(FaultKind::kBadParameter, "AES-GCM: expected an IV of 12 bytes, a tag of 16");
  }
  CK_GCM_PARAMS gcm = GcmParameters(sealed.iv, aad);
  Bytes text = sealed.text;
  Append(text, sealed.tag);
  SecretBytes room(text.size());
  const std::size_t size =
      TRY(session.Perform("AES-GCM", session->C_DecryptInit, session->C_Decrypt,
                          {CKM_AES_GCM, &gcm, sizeof gcm}, key, text, room.writable()));
  return SecretBytes(room.view().first(size));
}

}  // namespace assay::keys
