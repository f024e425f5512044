#include "floors.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace assay::bench {
namespace {

using Context = std::shared_ptr<EVP_PKEY_CTX>;

void Must(bool ok) {
  if (ok) return;
  std::fputs("bench: OpenSSL failed\n", stderr);
  std::exit(2);
}

Context For(EVP_PKEY* key) {
  Must(key != nullptr);
  Context out(EVP_PKEY_CTX_new(key, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY_free(key);  // the context holds it
  Must(out != nullptr);
  return out;
}

std::vector<unsigned char> Sign(const Context& context, const std::vector<unsigned char>& digest) {
  std::vector<unsigned char> out(512);
  std::size_t size = out.size();
  Must(EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1);
  out.resize(size);
  return out;
}

// The key as a verifier gets it, out of its encoding: a generated point is not normalised, and
// verifying with it takes half as long again on P-384.
EVP_PKEY* PublicHalf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  Must(size > 0);
  const unsigned char* cursor = der;
  EVP_PKEY* out = d2i_PUBKEY(nullptr, &cursor, size);
  OPENSSL_free(der);
  Must(out != nullptr);
  return out;
}

}  // namespace

std::function<void()> EcdsaVerification(const char* curve) {
  EVP_PKEY* key = EVP_EC_gen(curve);
  Must(key != nullptr);
  const std::vector<unsigned char> digest(curve == std::string_view("P-256") ? 32 : 48, 0xA5);
  const Context verifier = For(PublicHalf(key));
  const Context signer = For(key);
  Must(EVP_PKEY_sign_init(signer.get()) == 1);
  const auto signature = Sign(signer, digest);
  Must(EVP_PKEY_verify_init(verifier.get()) == 1);
  return [=] {
    Must(EVP_PKEY_verify(verifier.get(), signature.data(), signature.size(), digest.data(),
                         digest.size()) == 1);
  };
}

std::function<void()> Rs256Signing() {
  const Context signer = For(EVP_RSA_gen(2048));
  Must(EVP_PKEY_sign_init(signer.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(signer.get(), RSA_PKCS1_PADDING) == 1 &&
       EVP_PKEY_CTX_set_signature_md(signer.get(), EVP_sha256()) == 1);
  const std::vector<unsigned char> digest(32, 0xA5);
  return [=] { Sign(signer, digest); };
}

std::function<void()> Rs256Verification() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  Must(key != nullptr);
  const std::vector<unsigned char> digest(32, 0xA5);
  const Context verifier = For(PublicHalf(key));
  const Context signer = For(key);
  Must(EVP_PKEY_sign_init(signer.get()) == 1 &&
       EVP_PKEY_CTX_set_signature_md(signer.get(), EVP_sha256()) == 1);
  const auto signature = Sign(signer, digest);
  Must(EVP_PKEY_verify_init(verifier.get()) == 1 &&
       EVP_PKEY_CTX_set_signature_md(verifier.get(), EVP_sha256()) == 1);
  return [=] {
    Must(EVP_PKEY_verify(verifier.get(), signature.data(), signature.size(), digest.data(),
                         digest.size()) == 1);
  };
}

std::function<void()> OaepEncryption() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  Must(key != nullptr);
  const Context context = For(PublicHalf(key));
  EVP_PKEY_free(key);
  Must(EVP_PKEY_encrypt_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
       EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1);
  const std::vector<unsigned char> plain(32, 0xA5);
  return [=] {
    std::vector<unsigned char> out(256);
    std::size_t size = out.size();
    Must(EVP_PKEY_encrypt(context.get(), out.data(), &size, plain.data(), plain.size()) == 1);
  };
}

}  // namespace assay::bench
