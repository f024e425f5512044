#include "crypto/public_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

std::size_t CoordinateSize(Curve curve) { return curve == Curve::kP256 ? 32 : 48; }

// Some key of the curve, to copy its parameters from: making them from the curve's name takes three
// times as long as all the rest.
const EVP_PKEY* ParametersOf(Curve curve) {
  static const EvpPkeyPtr p256(EVP_EC_gen("P-256"));
  static const EvpPkeyPtr p384(EVP_EC_gen("P-384"));
  return curve == Curve::kP256 ? p256.get() : p384.get();
}

// A DER INTEGER, never negative, of the big-endian `number`; its end is returned.
unsigned char* WriteInteger(View number, unsigned char* out) {
  while (number.size() > 1 && ToU8(number[0]) == 0) number = number.subspan(1);
  const bool padded = (ToU8(number[0]) & 0x80U) != 0;
  *out++ = 0x02;
  *out++ = static_cast<unsigned char>(number.size() + (padded ? 1U : 0U));
  if (padded) *out++ = 0;
  for (const std::byte b : number) *out++ = ToU8(b);
  return out;
}

struct DerSignature {
  std::array<unsigned char, 2 + 2 * (3 + 48)> bytes{};
  std::size_t size = 0;
};

// r ‖ s → DER, which is what EVP wants; lengths stay below 128.
DerSignature EcdsaToDer(View signature) {
  DerSignature out;
  const std::size_t half = signature.size() / 2;
  unsigned char* start = out.bytes.data();
  unsigned char* end = WriteInteger(signature.first(half), start + 2);
  end = WriteInteger(signature.subspan(half), end);
  out.size = static_cast<std::size_t>(end - start);
  start[0] = 0x30;
  start[1] = static_cast<unsigned char>(out.size - 2);
  return out;
}

std::optional<Curve> CurveOf(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return std::nullopt;
  const int bits = EVP_PKEY_get_bits(key);
  if (bits == 256) return Curve::kP256;
  return bits == 384 ? std::optional(Curve::kP384) : std::nullopt;
}

Sha256Digest DigestOfSpki(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const Sha256Digest out = Sha256(
      {reinterpret_cast<const std::byte*>(der), size > 0 ? static_cast<std::size_t>(size) : 0});
  OPENSSL_free(der);
  return out;
}

}  // namespace

struct PublicKey::State {
  explicit State(EVP_PKEY* adopted) : key(adopted, EVP_PKEY_free), curve(CurveOf(adopted)) {}

  // A context that is ready to verify: preparing one costs a fraction of a verification.
  EvpPkeyCtxPtr TakeContext() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        EvpPkeyCtxPtr out = std::move(idle.back());
        idle.pop_back();
        return out;
      }
    }
    EvpPkeyCtxPtr out(EVP_PKEY_CTX_new(key.get(), nullptr));
    if (out && EVP_PKEY_verify_init(out.get()) != 1) out.reset();
    return out;
  }

  void GiveBack(EvpPkeyCtxPtr context) {
    const std::lock_guard lock(mutex);
    if (idle.size() < kMostIdle) idle.push_back(std::move(context));
  }

  static constexpr std::size_t kMostIdle = 16;

  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
  const std::optional<Curve> curve;
  std::once_flag digest_once;
  Sha256Digest spki_digest{};
  std::mutex mutex;
  std::vector<EvpPkeyCtxPtr> idle;  // guarded by mutex
};

PublicKey PublicKey::Adopt(evp_pkey_st* key) { return PublicKey(std::make_shared<State>(key)); }

evp_pkey_st* PublicKey::raw() const { return state_->key.get(); }

Result<PublicKey> PublicKey::FromPoint(Curve curve, View point) {
  const std::size_t expected = 2 * CoordinateSize(curve);
  if (point.size() != expected) {
    return Fail(ErrorCode::kMalformed, "public key: wrong size for its curve");
  }
  std::array<unsigned char, 97> encoded{};
  encoded[0] = 4;  // uncompressed, SEC 1 §2.3.3
  std::copy(point.begin(), point.end(), reinterpret_cast<std::byte*>(encoded.data() + 1));
  // The point is checked to be on the curve (SEC 1 §2.3.4).
  EvpPkeyPtr key(EVP_PKEY_new());
  if (!key || EVP_PKEY_copy_parameters(key.get(), ParametersOf(curve)) != 1 ||
      EVP_PKEY_set1_encoded_public_key(key.get(), encoded.data(), expected + 1) != 1) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, "public key: the point is not on its curve");
  }
  return Adopt(key.release());
}

bool PublicKey::VerifyEcdsa(View digest, View signature) const {
  const bool p256 = IsEc(Curve::kP256) && signature.size() == 64;
  const bool p384 = IsEc(Curve::kP384) && signature.size() == 96;
  if (!p256 && !p384) return false;
  const DerSignature der = EcdsaToDer(signature);
  return VerifyEcdsaDer(digest, std::as_bytes(std::span(der.bytes).first(der.size)));
}

bool PublicKey::VerifyEcdsaDer(View digest, View signature) const {
  if (!state_->curve) return false;
  EvpPkeyCtxPtr context = state_->TakeContext();
  const bool valid =
      context &&
      EVP_PKEY_verify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                      signature.size(), reinterpret_cast<const unsigned char*>(digest.data()),
                      digest.size()) == 1;
  if (valid) {
    state_->GiveBack(std::move(context));
  } else {
    ERR_clear_error();
  }
  return valid;
}

bool PublicKey::IsEc(Curve curve) const { return state_->curve == curve; }

Sha256Digest PublicKey::SpkiDigest() const {
  std::call_once(state_->digest_once, [&] { state_->spki_digest = DigestOfSpki(raw()); });
  return state_->spki_digest;
}

std::array<Sha256Digest, 2> PublicKey::SpkiBindingDigests() const {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  Bytes pem;
  if (memory && PEM_write_bio_PUBKEY(memory.get(), raw()) == 1) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    pem = ToBytes(AsBytes({text, static_cast<std::size_t>(size)}));
  }
  pem.push_back(std::byte{0});
  return {SpkiDigest(), Sha256(pem)};
}

}  // namespace assay
