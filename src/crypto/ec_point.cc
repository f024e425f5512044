#include "crypto/ec_point.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

namespace assay {

Result<Bytes> PointOf(const EVP_PKEY* key) {
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool found = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const BignumPtr owned_x(x);
  const BignumPtr owned_y(y);
  const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
  Bytes out(static_cast<std::size_t>(2 * half));
  auto* const raw = reinterpret_cast<unsigned char*>(out.data());
  if (!found || BN_bn2binpad(x, raw, half) != half || BN_bn2binpad(y, raw + half, half) != half) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not read a public point");
  }
  return out;
}

}  // namespace assay
