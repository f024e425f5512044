// Keys put together from the parts that a JSON Web Key has.
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <utility>
#include <vector>

#include "crypto/asymmetric_key.h"
#include "crypto/jose.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using PartsBuildPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslDeleter<OSSL_PARAM_BLD_free>>;
using PartsPtr = std::unique_ptr<OSSL_PARAM, OpensslDeleter<OSSL_PARAM_free>>;
using SecretBignumPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_clear_free>>;

tl::unexpected<Error> BadParts(const char* what) {
  ERR_clear_error();
  return Fail(ErrorCode::kInvalidArgument, fmt::format("key: {}", what));
}

// The parameters of one key; numbers are cleansed when it goes.
class Parts {
 public:
  Parts() : build_(OSSL_PARAM_BLD_new()) {}

  void Number(const char* name, View value) {
    SecretBignumPtr number(BN_bin2bn(reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), nullptr));
    // Values in secure memory stay there in what is built (OSSL_PARAM_BLD_push_BN).
    ok_ = ok_ && number && OSSL_PARAM_BLD_push_BN(build_.get(), name, number.get()) == 1;
    numbers_.push_back(std::move(number));
  }
  void Text(const char* name, const char* value) {
    ok_ = ok_ && OSSL_PARAM_BLD_push_utf8_string(build_.get(), name, value, 0) == 1;
  }
  void Octets(const char* name, View value) {
    ok_ = ok_ &&
          OSSL_PARAM_BLD_push_octet_string(build_.get(), name, value.data(), value.size()) == 1;
  }

  EVP_PKEY* Make(const char* type, int selection) {
    const PartsPtr params(ok_ && build_ ? OSSL_PARAM_BLD_to_param(build_.get()) : nullptr);
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
      return nullptr;
    }
    return key;
  }

 private:
  PartsBuildPtr build_;
  std::vector<SecretBignumPtr> numbers_;
  bool ok_ = true;
};

const char* GroupOf(NamedCurve curve) {
  switch (curve) {
    case NamedCurve::kP256: return "prime256v1";
    case NamedCurve::kP384: return "secp384r1";
    case NamedCurve::kP521: return "secp521r1";
    case NamedCurve::kP256K: return "secp256k1";
  }
  return "";
}

// SEC 1 §2.3.3, uncompressed.
Result<Bytes> Encoded(const EcPublicParts& parts) {
  const std::size_t size = CoordinateBytes(parts.curve);
  if (parts.x.size() != size || parts.y.size() != size) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("EC key: expected x and y of {} bytes, found {} and {}", size,
                            parts.x.size(), parts.y.size()));
  }
  Bytes out{std::byte{4}};
  Append(out, parts.x);
  Append(out, parts.y);
  return out;
}

// Of both halves: primes, their product and exponents; the point is the scalar's.
bool IsConsistent(EVP_PKEY* key) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool ok = context && EVP_PKEY_check(context.get()) == 1;
  ERR_clear_error();
  return ok;
}

// Big-endian; of `size` bytes, or as many as it needs where that is 0.
Result<SecretBytes> SecretNumber(const EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return BadParts("it has no private half");
  const SecretBignumPtr owned(number);
  SecretBytes out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size);
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.writable().data()),
                   static_cast<int>(out.size())) < 0) {
    return BadParts("a number is larger than its field");
  }
  return out;
}

}  // namespace

Result<RsaPrivateParts> AsymmetricKey::RsaPrivate() const {
  RsaPrivateParts out;
  out.d = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_D, 0));
  out.p = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_FACTOR1, 0));
  out.q = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_FACTOR2, 0));
  out.dp = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_EXPONENT1, 0));
  out.dq = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_EXPONENT2, 0));
  out.qi = TRY(SecretNumber(raw(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 0));
  return out;
}

Result<SecretBytes> AsymmetricKey::EcPrivate() const {
  if (is_rsa()) return BadParts("expected EC, found RSA");
  return SecretNumber(raw(), OSSL_PKEY_PARAM_PRIV_KEY, CoordinateBytes(*curve_));
}

Result<AsymmetricKey> AsymmetricKey::FromRsa(const RsaPublicParts& parts) {
  TRY(RsaPublicKey(parts.n, parts.e));
  Parts numbers;
  numbers.Number(OSSL_PKEY_PARAM_RSA_N, parts.n);
  numbers.Number(OSSL_PKEY_PARAM_RSA_E, parts.e);
  EVP_PKEY* const key = numbers.Make("RSA", EVP_PKEY_PUBLIC_KEY);
  if (key == nullptr) return BadParts("n and e are no RSA key");
  return Adopt(key);
}

Result<AsymmetricKey> AsymmetricKey::FromRsa(const RsaPublicParts& parts,
                                             const RsaPrivateParts& secret) {
  TRY(RsaPublicKey(parts.n, parts.e));
  Parts numbers;
  numbers.Number(OSSL_PKEY_PARAM_RSA_N, parts.n);
  numbers.Number(OSSL_PKEY_PARAM_RSA_E, parts.e);
  numbers.Number(OSSL_PKEY_PARAM_RSA_D, secret.d.view());
  numbers.Number(OSSL_PKEY_PARAM_RSA_FACTOR1, secret.p.view());
  numbers.Number(OSSL_PKEY_PARAM_RSA_FACTOR2, secret.q.view());
  numbers.Number(OSSL_PKEY_PARAM_RSA_EXPONENT1, secret.dp.view());
  numbers.Number(OSSL_PKEY_PARAM_RSA_EXPONENT2, secret.dq.view());
  numbers.Number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, secret.qi.view());
  EVP_PKEY* const key = numbers.Make("RSA", EVP_PKEY_KEYPAIR);
  if (key == nullptr) return BadParts("its parts are no RSA key");
  const AsymmetricKey out = TRY(Adopt(key));
  if (!IsConsistent(key)) {
    return BadParts("n, e, d, p, q, dp, dq and qi do not belong together");
  }
  return out;
}

Result<AsymmetricKey> AsymmetricKey::FromEc(const EcPublicParts& parts) {
  const Bytes point = TRY(Encoded(parts));
  Parts all;
  all.Text(OSSL_PKEY_PARAM_GROUP_NAME, GroupOf(parts.curve));
  all.Octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  EVP_PKEY* const key = all.Make("EC", EVP_PKEY_PUBLIC_KEY);
  if (key == nullptr) return BadParts("x and y are no point of the curve");
  return Adopt(key);
}

Result<AsymmetricKey> AsymmetricKey::FromEc(const EcPublicParts& parts, View d) {
  const Bytes point = TRY(Encoded(parts));
  if (d.size() != CoordinateBytes(parts.curve)) {
    return BadParts("d has another size than x and y");
  }
  Parts all;
  all.Text(OSSL_PKEY_PARAM_GROUP_NAME, GroupOf(parts.curve));
  all.Octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  all.Number(OSSL_PKEY_PARAM_PRIV_KEY, d);
  EVP_PKEY* const key = all.Make("EC", EVP_PKEY_KEYPAIR);
  if (key == nullptr) return BadParts("its parts are no EC key");
  const AsymmetricKey out = TRY(Adopt(key));
  if (!IsConsistent(key)) return BadParts("x and y do not belong to d");
  return out;
}

}  // namespace assay
