// SIGSTRUCTs that tests sign with a key of their own.
#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>

#include "crypto/digest.h"
#include "measure/sigstruct.h"
#include "measure/testing.h"

namespace assay::measure::testing {

// RSA-3072 with exponent 3, made once: that takes some tenths of a second.
inline EVP_PKEY* EnclaveSigner() {
  static const auto key = [] {
    BIGNUM* const three = BN_new();
    BN_set_word(three, 3);
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
    EVP_PKEY* made = nullptr;
    EVP_PKEY_keygen_init(context);
    EVP_PKEY_CTX_set_rsa_keygen_bits(context, 3072);
    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, three);
    EVP_PKEY_generate(context, &made);
    EVP_PKEY_CTX_free(context);
    BN_free(three);
    return std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>(made, EVP_PKEY_free);
  }();
  return key.get();
}

inline void PutLittleEndian(Bytes& out, std::size_t at, View big_endian) {
  std::copy(big_endian.rbegin(), big_endian.rend(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

// The signature over what stands there now.
inline void SignSigstruct(Bytes& out) {
  Bytes is_signed = ToBytes(View(out).first(128));
  Append(is_signed, View(out).subspan(900, 128));
  const Sha256Digest digest = Sha256(is_signed);
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(EnclaveSigner(), nullptr);
  EVP_PKEY_sign_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
  EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
  Bytes signature(384);
  std::size_t size = signature.size();
  EVP_PKEY_sign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                reinterpret_cast<const unsigned char*>(digest.data()), digest.size());
  EVP_PKEY_CTX_free(context);
  PutLittleEndian(out, 516, signature);
}

// Product 7, SVN 3; debug is not allowed.
inline Bytes MakeSigstruct(const Sha256Digest& mrenclave) {
  Bytes out(kSigstructBytes);
  Put(out, 0, 0xE100000006, 8);
  Put(out, 8, 0x10000, 8);
  Put(out, 20, 0x20261126, 4);
  Put(out, 24, 0x6000000101, 8);
  Put(out, 32, 0x100000060, 8);
  Bytes modulus(384);
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(EnclaveSigner(), "n", &n);
  BN_bn2binpad(n, reinterpret_cast<unsigned char*>(modulus.data()), 384);
  BN_free(n);
  PutLittleEndian(out, 128, modulus);
  Put(out, 512, 3, 4);
  Put(out, 928, 4, 8);      // MODE64BIT
  Put(out, 944, ~0ULL, 8);  // every flag is enforced
  std::copy(mrenclave.begin(), mrenclave.end(), out.begin() + 960);
  Put(out, 1024, 7, 2);
  Put(out, 1026, 3, 2);
  SignSigstruct(out);
  return out;
}

}  // namespace assay::measure::testing
