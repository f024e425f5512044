#include "keys/usable_key.h"

namespace assay::keys {
namespace {

tl::unexpected<Fault> OfAnotherKind() {
  return Refuse(FaultKind::kBadParameter, "alg: it is of keys of another kind");
}

}  // namespace

Outcome<Bytes> UsableKey::Sign(DigestSignature, View) const { return OfAnotherKind(); }
Outcome<bool> UsableKey::Verify(DigestSignature, View, View) const { return OfAnotherKind(); }
Outcome<Bytes> UsableKey::Encrypt(RsaCipher, View) const { return OfAnotherKind(); }
Outcome<SecretBytes> UsableKey::Decrypt(RsaCipher, View) const { return OfAnotherKind(); }
Outcome<GcmSealed> UsableKey::SealGcm(View, View) const { return OfAnotherKind(); }
Outcome<SecretBytes> UsableKey::OpenGcm(View, const GcmSealed&) const { return OfAnotherKind(); }
Outcome<Bytes> UsableKey::EncryptCbc(View, CbcPadding, View) const { return OfAnotherKind(); }
Outcome<SecretBytes> UsableKey::DecryptCbc(View, CbcPadding, View) const { return OfAnotherKind(); }
Outcome<Bytes> UsableKey::Wrap(KeyWrap, View) const { return OfAnotherKind(); }
Outcome<SecretBytes> UsableKey::Unwrap(KeyWrap, View) const { return OfAnotherKind(); }

}  // namespace assay::keys
