#include "crypto/rsa_verify.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using ParamBuildPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslDeleter<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpensslDeleter<OSSL_PARAM_free>>;

BignumPtr NumberOf(View bytes) {
  return BignumPtr(BN_bin2bn(Raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

const EVP_MD* DigestOfSize(std::size_t size) {
  switch (size) {
    case 20: return EVP_sha1();
    case 32: return EVP_sha256();
    case 48: return EVP_sha384();
    case 64: return EVP_sha512();
    default: return nullptr;
  }
}

}  // namespace

bool VerifyRsaSignature(const PublicKey& key, RsaPadding padding, View digest, View signature) {
  const EVP_MD* const md = DigestOfSize(digest.size());
  if (md == nullptr || EVP_PKEY_get_base_id(key.raw()) != EVP_PKEY_RSA) return false;
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  bool ok = context && EVP_PKEY_verify_init(context.get()) == 1;
  if (padding == RsaPadding::kPss) {
    ok = ok && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_AUTO) == 1;
  } else {
    ok = ok && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1;
  }
  ok = ok && EVP_PKEY_CTX_set_signature_md(context.get(), md) == 1 &&
       EVP_PKEY_verify(context.get(), Raw(signature), signature.size(), Raw(digest),
                       digest.size()) == 1;
  ERR_clear_error();
  return ok;
}

Result<PublicKey> RsaKeyOfAnyNumbers(View modulus, View exponent) {
  const auto failed = [] {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not read an RSA key");
  };
  const BignumPtr n = NumberOf(modulus);
  const BignumPtr e = NumberOf(exponent);
  const ParamBuildPtr build(OSSL_PARAM_BLD_new());
  if (!n || !e || !build ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return failed();
  }
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(build.get()));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return failed();
  }
  return PublicKey::Adopt(key);
}

}  // namespace assay
