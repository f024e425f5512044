// A public key, parsed and validated once, usable from many threads.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

struct evp_pkey_st;

namespace assay {

enum class Curve { kP256, kP384 };

class PublicKey {
 public:
  // `point` is x ‖ y, big-endian, as TEEs write it (64 bytes for P-256, 96 for P-384). A point that
  // is not on the curve is an error.
  static Result<PublicKey> FromPoint(Curve curve, View point);
  // Takes over one reference of `key`.
  static PublicKey Adopt(evp_pkey_st* key);

  // ECDSA over `digest`; `signature` is r ‖ s, big-endian, each of the curve's size.
  bool VerifyEcdsa(View digest, View signature) const;
  // The same for an ECDSA-Sig-Value in DER (RFC 3279 §2.2.3), and no other encoding of it.
  bool VerifyEcdsaDer(View digest, View signature) const;

  bool IsEc(Curve curve) const;
  // SHA-256 over the DER SubjectPublicKeyInfo: what vendor roots are pinned by.
  Sha256Digest SpkiDigest() const;
  // SHA-256 of the key as attested TLS binds it: over the DER SubjectPublicKeyInfo, and over its
  // PEM form with its newline and a NUL.
  std::array<Sha256Digest, 2> SpkiBindingDigests() const;
  evp_pkey_st* raw() const;

 private:
  struct State;  // shared by copies; what is slow to derive from the key is derived once
  explicit PublicKey(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace assay
