#include "crypto/ed25519.h"

#include <openssl/err.h>

#include <algorithm>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

unsigned char* Ed25519Out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::FromBytes(View bytes) {
  if (bytes.size() != kEd25519KeyBytes) {
    return Fail(ErrorCode::kMalformed, "Ed25519: expected a public key of 32 bytes, found " +
                                           std::to_string(bytes.size()));
  }
  std::shared_ptr<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Raw(bytes), bytes.size()),
      EVP_PKEY_free);
  if (!key) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, "Ed25519: this is no public key");
  }
  ByteArray<kEd25519KeyBytes> copy{};
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  return Ed25519PublicKey(std::move(key), copy);
}

bool Ed25519PublicKey::Verify(View message, View signature) const {
  if (signature.size() != kEd25519SignatureBytes) return false;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool valid =
      context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), Raw(signature), signature.size(), Raw(message),
                       message.size()) == 1;
  if (!valid) ERR_clear_error();
  return valid;
}

Result<Ed25519Key> Ed25519Key::Generate() {
  const SecretBytes seed = TRY(RandomSecret(kEd25519KeyBytes));
  return FromSeed(seed.view());
}

Result<Ed25519Key> Ed25519Key::FromSeed(View seed) {
  if (seed.size() != kEd25519KeyBytes) {
    return Fail(ErrorCode::kMalformed, "Ed25519: expected a private key of 32 bytes, found " +
                                           std::to_string(seed.size()));
  }
  std::shared_ptr<EVP_PKEY> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Raw(seed), seed.size()),
      EVP_PKEY_free);
  ByteArray<kEd25519KeyBytes> half{};
  std::size_t size = half.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), Ed25519Out(half), &size) != 1 ||
      size != half.size()) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not read an Ed25519 key");
  }
  Ed25519PublicKey public_key = TRY(Ed25519PublicKey::FromBytes(half));
  return Ed25519Key(std::move(key), std::move(public_key));
}

Result<SecretBytes> Ed25519Key::Seed() const {
  SecretBytes out(kEd25519KeyBytes);
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_private_key(key_.get(), Ed25519Out(out.writable()), &size) != 1 ||
      size != kEd25519KeyBytes) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not give an Ed25519 key");
  }
  return out;
}

Result<Bytes> Ed25519Key::Sign(View message) const {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  Bytes out(kEd25519SignatureBytes);
  std::size_t size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), Raw(out), &size, Raw(message), message.size()) != 1 ||
      size != kEd25519SignatureBytes) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not sign with Ed25519");
  }
  return out;
}

}  // namespace assay
