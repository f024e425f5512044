#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

std::size_t CoordinateSize(Curve curve) { return curve == Curve::kP256 ? 32 : 48; }
const char* GroupName(Curve curve) { return curve == Curve::kP256 ? "P-256" : "P-384"; }

// r ‖ s → DER, which is what EVP wants.
Bytes EcdsaToDer(View signature) {
  const std::size_t half = signature.size() / 2;
  const auto* raw = reinterpret_cast<const unsigned char*>(signature.data());
  const EcdsaSigPtr sig(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw, static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(raw + half, static_cast<int>(half), nullptr);
  if (!sig || ECDSA_SIG_set0(sig.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  const int size = i2d_ECDSA_SIG(sig.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(sig.get(), &out);
  return der;
}

}  // namespace

PublicKey PublicKey::Adopt(evp_pkey_st* key) {
  return PublicKey(std::shared_ptr<evp_pkey_st>(key, EVP_PKEY_free));
}

Result<PublicKey> PublicKey::FromPoint(Curve curve, View point) {
  const std::size_t expected = 2 * CoordinateSize(curve);
  if (point.size() != expected) {
    return Fail(ErrorCode::kMalformed, "public key: wrong size for its curve");
  }
  std::array<unsigned char, 97> encoded{};
  encoded[0] = 4;  // uncompressed, SEC 1 §2.3.3
  std::copy(point.begin(), point.end(), reinterpret_cast<std::byte*>(encoded.data() + 1));
  const std::array<OSSL_PARAM, 3> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                       const_cast<char*>(GroupName(curve)), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), expected + 1),
      OSSL_PARAM_construct_end()};
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(params.data())) != 1) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, "public key: the point is not on its curve");
  }
  return Adopt(key);
}

bool PublicKey::VerifyEcdsa(View digest, View signature) const {
  const bool p256 = IsEc(Curve::kP256) && signature.size() == 64;
  const bool p384 = IsEc(Curve::kP384) && signature.size() == 96;
  if (!p256 && !p384) return false;
  const Bytes der = EcdsaToDer(signature);
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  const bool valid =
      context && !der.empty() && EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_verify(context.get(), reinterpret_cast<const unsigned char*>(der.data()), der.size(),
                      reinterpret_cast<const unsigned char*>(digest.data()), digest.size()) == 1;
  if (!valid) ERR_clear_error();
  return valid;
}

bool PublicKey::IsEc(Curve curve) const {
  return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC &&
         EVP_PKEY_get_bits(key_.get()) == (curve == Curve::kP256 ? 256 : 384);
}

Sha256Digest PublicKey::SpkiDigest() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  const Sha256Digest out = Sha256(
      {reinterpret_cast<const std::byte*>(der), size > 0 ? static_cast<std::size_t>(size) : 0});
  OPENSSL_free(der);
  return out;
}

std::array<Sha256Digest, 2> PublicKey::SpkiBindingDigests() const {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  Bytes pem;
  if (memory && PEM_write_bio_PUBKEY(memory.get(), key_.get()) == 1) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    pem = ToBytes(AsBytes({text, static_cast<std::size_t>(size)}));
  }
  pem.push_back(std::byte{0});
  return {SpkiDigest(), Sha256(pem)};
}

}  // namespace assay
