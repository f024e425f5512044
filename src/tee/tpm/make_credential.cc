#include "tee/tpm/make_credential.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "crypto/aes_cfb.h"
#include "crypto/ecdh.h"
#include "crypto/hmac.h"
#include "crypto/oaep.h"
#include "crypto/secret.h"

namespace assay::tpm {
namespace {

using tcg::HashAlgorithm;

// Labels stand in what is hashed with the zero that ends them (Part 1, 11.4.10).
constexpr std::string_view kIdentity("IDENTITY\0", 9);
constexpr std::string_view kStorage("STORAGE\0", 8);
constexpr std::string_view kIntegrity("INTEGRITY\0", 10);

std::size_t DigestBytes(HashAlgorithm hash) { return hash == HashAlgorithm::kSha384 ? 48 : 32; }

void AppendU16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::byte>(value >> 8U & 0xFFU));
  out.push_back(static_cast<std::byte>(value & 0xFFU));
}

void AppendU32(Bytes& out, std::size_t value) {
  AppendU16(out, value >> 16U);
  AppendU16(out, value & 0xFFFFU);
}

void AppendSized(Bytes& out, View bytes) {
  AppendU16(out, bytes.size());
  Append(out, bytes);
}

Bytes Hmac(HashAlgorithm hash, View key, View message) {
  return hash == HashAlgorithm::kSha384 ? ToBytes(HmacSha384(key, message))
                                        : ToBytes(HmacSha256(key, message));
}

// `whole`, cut to `size`; what is cut off is cleansed with it.
SecretBytes Cut(SecretBytes whole, std::size_t size) {
  return SecretBytes(whole.view().first(size));
}

// KDFa in one step: no key here is longer than a digest. ContextV is always empty.
SecretBytes KdfA(HashAlgorithm hash, View key, std::string_view label, View context,
                 std::size_t size) {
  Bytes message;
  AppendU32(message, 1);
  Append(message, AsBytes(label));
  Append(message, context);
  AppendU32(message, size * 8);
  const bool sha384 = hash == HashAlgorithm::kSha384;
  return Cut(sha384 ? SecretBytes(View(HmacSha384(key, message)))
                    : SecretBytes(View(HmacSha256(key, message))),
             size);
}

// KDFe in one step: the seed has the size of the digest.
SecretBytes KdfE(HashAlgorithm hash, const EphemeralAgreement& agreed) {
  Bytes rest;
  Append(rest, AsBytes(kIdentity));
  Append(rest, agreed.x);       // PartyUInfo
  Append(rest, agreed.peer_x);  // PartyVInfo
  SecretBytes input(4 + agreed.z.size() + rest.size());
  const std::span<std::byte> out = input.writable();
  out[3] = std::byte{1};  // the counter, big-endian
  const View z = agreed.z.view();
  std::copy(z.begin(), z.end(), out.begin() + 4);
  std::copy(rest.begin(), rest.end(), out.begin() + 4 + static_cast<std::ptrdiff_t>(z.size()));
  return hash == HashAlgorithm::kSha384 ? SecretBytes(View(Sha384(input.view())))
                                        : SecretBytes(View(Sha256(input.view())));
}

struct SharedSeed {
  SecretBytes seed;
  Bytes encrypted;  // for the TPM, without its size
};

Result<SharedSeed> ShareByRsa(const PublicArea& ek) {
  SharedSeed out{TRY(RandomSecret(DigestBytes(ek.name_algorithm))), {}};
  const OaepHash hash =
      ek.name_algorithm == HashAlgorithm::kSha384 ? OaepHash::kSha384 : OaepHash::kSha256;
  out.encrypted = TRY(EncryptOaep(ek.key, hash, AsBytes(kIdentity), out.seed.view()));
  return out;
}

// The encrypted secret is a TPMS_ECC_POINT.
Result<SharedSeed> ShareByEcdh(const PublicArea& ek) {
  const EphemeralAgreement agreed = TRY(AgreeEphemerally(ek.key));
  SharedSeed out{KdfE(ek.name_algorithm, agreed), {}};
  AppendSized(out.encrypted, agreed.x);
  AppendSized(out.encrypted, agreed.y);
  return out;
}

bool IsEc(const PublicArea& ek) { return ek.key.IsEc(Curve::kP256) || ek.key.IsEc(Curve::kP384); }

// TPM2B_ID_OBJECT: the encrypted TPM2B_DIGEST of `secret`, under a code that covers `name`, too.
Result<Bytes> SealedIdentity(const PublicArea& ek, View seed, View name, View secret) {
  const HashAlgorithm hash = ek.name_algorithm;
  const SecretBytes key = KdfA(hash, seed, kStorage, name, ek.symmetric->key_bits / 8U);
  SecretBytes plain(2 + secret.size());  // a TPM2B_DIGEST; sizes are below 256
  plain.writable()[1] = static_cast<std::byte>(secret.size());
  std::copy(secret.begin(), secret.end(), plain.writable().begin() + 2);
  const Bytes iv(kAesBlockBytes);
  Bytes covered = TRY(EncryptAesCfb128(key.view(), iv, plain.view()));
  const Bytes encrypted = covered;
  Append(covered, name);
  const SecretBytes code_key = KdfA(hash, seed, kIntegrity, {}, DigestBytes(hash));
  Bytes id_object;
  AppendSized(id_object, Hmac(hash, code_key.view(), covered));
  Append(id_object, encrypted);
  Bytes out;
  AppendSized(out, id_object);
  return out;
}

}  // namespace

Result<void> CheckStorageParameters(const PublicArea& ek) {
  constexpr std::uint16_t kAes = 0x0006, kCfb = 0x0043;
  const auto& symmetric = ek.symmetric;
  if (!symmetric || symmetric->algorithm != kAes || symmetric->mode != kCfb ||
      (symmetric->key_bits != 128 && symmetric->key_bits != 256)) {
    return Fail(ErrorCode::kUnsupported,
                "endorsement key: expected a storage key with AES-128 or AES-256 in CFB mode",
                "make the key by a template of the TCG EK Credential Profile");
  }
  if (ek.name_algorithm != HashAlgorithm::kSha256 && ek.name_algorithm != HashAlgorithm::kSha384) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("endorsement key: name algorithm 0x{:04x}, expected SHA-256 or SHA-384",
                            static_cast<unsigned>(ek.name_algorithm)));
  }
  return {};
}

Result<Credential> MakeCredential(const PublicArea& ek, View name, View secret) {
  TRY_VOID(CheckStorageParameters(ek));
  if (secret.empty() || secret.size() > DigestBytes(ek.name_algorithm)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("credential: expected a secret of 1 to {} bytes, found {}",
                            DigestBytes(ek.name_algorithm), secret.size()));
  }
  const SharedSeed shared = TRY(IsEc(ek) ? ShareByEcdh(ek) : ShareByRsa(ek));
  Credential out;
  out.blob = TRY(SealedIdentity(ek, shared.seed.view(), name, secret));
  AppendSized(out.encrypted_secret, shared.encrypted);
  return out;
}

}  // namespace assay::tpm
