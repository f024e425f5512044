#include "crypto/asymmetric_key.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <string>

#include "crypto/ec_point.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslDeleter<PKCS8_PRIV_KEY_INFO_free>>;

struct CurveEntry {
  NamedCurve curve;
  std::string_view group;  // as OpenSSL names it
  std::size_t bytes;
};

constexpr std::array kNamedCurves = std::to_array<CurveEntry>({
    {NamedCurve::kP256, "prime256v1", 32},
    {NamedCurve::kP384, "secp384r1", 48},
    {NamedCurve::kP521, "secp521r1", 66},
    {NamedCurve::kP256K, "secp256k1", 32},
});

tl::unexpected<Error> KeyFailed(const char* what) {
  ERR_clear_error();
  return Fail(ErrorCode::kInternal, fmt::format("OpenSSL could not {} a key", what));
}

std::optional<NamedCurve> CurveOfGroup(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     nullptr) != 1) {
    return std::nullopt;
  }
  for (const CurveEntry& entry : kNamedCurves) {
    if (entry.group == name.data()) return entry.curve;
  }
  return std::nullopt;
}

Result<Bytes> NumberOf(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return KeyFailed("read");
  const BignumPtr owned(number);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

Result<RsaPublicParts> RsaNumbersOf(const EVP_PKEY* key) {
  RsaPublicParts out;
  out.n = TRY(NumberOf(key, OSSL_PKEY_PARAM_RSA_N));
  out.e = TRY(NumberOf(key, OSSL_PKEY_PARAM_RSA_E));
  return out;
}

}  // namespace

std::size_t CoordinateBytes(NamedCurve curve) {
  for (const CurveEntry& entry : kNamedCurves) {
    if (entry.curve == curve) return entry.bytes;
  }
  return 0;
}

Result<AsymmetricKey> AsymmetricKey::Adopt(EVP_PKEY* key) {
  if (key == nullptr) return KeyFailed("make");
  std::shared_ptr<EVP_PKEY> owned(key, EVP_PKEY_free);
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return AsymmetricKey(std::move(owned), {});
  const std::optional<NamedCurve> curve = CurveOfGroup(key);
  ERR_clear_error();
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || !curve) {
    return Fail(ErrorCode::kUnsupported,
                "key: expected RSA, or EC on P-256, P-384, P-521 or P-256K");
  }
  return AsymmetricKey(std::move(owned), curve);
}

Result<void> CheckRsaSpec(unsigned bits, std::uint32_t exponent) {
  if (bits != 2048 && bits != 3072 && bits != 4096) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("RSA key: expected 2048, 3072 or 4096 bits, found {}", bits));
  }
  if (exponent < 65537 || exponent % 2 == 0) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("RSA key: expected an odd exponent from 65537 on, found {}", exponent));
  }
  return {};
}

Result<AsymmetricKey> AsymmetricKey::GenerateRsa(unsigned bits, std::uint32_t exponent) {
  TRY_VOID(CheckRsaSpec(bits, exponent));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const BignumPtr e(BN_new());
  EVP_PKEY* key = nullptr;
  if (!context || !e || BN_set_word(e.get(), exponent) != 1 ||
      EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) != 1 ||
      EVP_PKEY_generate(context.get(), &key) != 1) {
    return KeyFailed("make");
  }
  return Adopt(key);
}

Result<AsymmetricKey> AsymmetricKey::GenerateEc(NamedCurve curve) {
  for (const CurveEntry& entry : kNamedCurves) {
    if (entry.curve == curve) return Adopt(EVP_EC_gen(std::string(entry.group).c_str()));
  }
  return KeyFailed("make");
}

Result<AsymmetricKey> AsymmetricKey::LoadPem(const std::string& path) {
  const BioPtr bio(BIO_new_file(path.c_str(), "r"));
  // An empty passphrase: never prompt on a terminal.
  EVP_PKEY* const key =
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")) : nullptr;
  if (key == nullptr) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, path + ": expected an unencrypted PEM private key");
  }
  return Adopt(key);
}

Result<AsymmetricKey> AsymmetricKey::FromPkcs8(View der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = in + der.size();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &in, static_cast<long>(der.size())));
  EVP_PKEY* const key = info && in == end ? EVP_PKCS82PKEY(info.get()) : nullptr;
  if (key == nullptr) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, "key: expected a PKCS #8 private key");
  }
  return Adopt(key);
}

Result<SecretBytes> AsymmetricKey::ToPkcs8() const {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(raw()));
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : -1;
  if (size <= 0) return KeyFailed("write");
  SecretBytes out(static_cast<std::size_t>(size));
  auto* at = reinterpret_cast<unsigned char*>(out.writable().data());
  if (i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) != size) return KeyFailed("write");
  return out;
}

unsigned AsymmetricKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(raw())); }

Result<RsaPublicParts> AsymmetricKey::RsaPublic() const {
  if (!is_rsa()) return Fail(ErrorCode::kInvalidArgument, "key: expected RSA, found EC");
  return RsaNumbersOf(raw());
}

Result<RsaPublicParts> RsaPartsOf(const PublicKey& key) {
  if (EVP_PKEY_get_base_id(key.raw()) == EVP_PKEY_RSA) return RsaNumbersOf(key.raw());
  return Fail(ErrorCode::kInvalidArgument, "key: expected RSA");
}

Result<EcPublicParts> AsymmetricKey::EcPublic() const {
  if (is_rsa()) return Fail(ErrorCode::kInvalidArgument, "key: expected EC, found RSA");
  const Bytes point = TRY(PointOf(raw()));
  const auto half = static_cast<std::ptrdiff_t>(point.size() / 2);
  return EcPublicParts{*curve_, Bytes(point.begin(), point.begin() + half),
                       Bytes(point.begin() + half, point.end())};
}

}  // namespace assay
