#include "crypto/jose.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "crypto/openssl_ptr.h"
#include "crypto/rsa_verify.h"

namespace assay {
namespace {

struct Entry {
  JwsAlgorithm algorithm;
  std::string_view name;
};

constexpr std::array kAlgorithms = std::to_array<Entry>({
    {JwsAlgorithm::kRs256, "RS256"},
    {JwsAlgorithm::kRs384, "RS384"},
    {JwsAlgorithm::kRs512, "RS512"},
    {JwsAlgorithm::kPs256, "PS256"},
    {JwsAlgorithm::kPs384, "PS384"},
    {JwsAlgorithm::kPs512, "PS512"},
    {JwsAlgorithm::kEs256, "ES256"},
    {JwsAlgorithm::kEs384, "ES384"},
});

BignumPtr Number(View bytes) {
  return BignumPtr(BN_bin2bn(Raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

// The flawed generator made primes that are powers of 65537 modulo the product of the first small
// primes, so the modulus is one, too. Of random moduli fewer than one in 2^100 are.
bool IsRoca(const BIGNUM* modulus) {
  constexpr std::array<unsigned, 38> kPrimes = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  return std::all_of(kPrimes.begin(), kPrimes.end(), [modulus](unsigned prime) {
    const auto rest = static_cast<unsigned>(BN_mod_word(modulus, prime));
    unsigned power = 1;
    do {
      if (power == rest) return true;
      power = power * (65537U % prime) % prime;
    } while (power != 1);
    return false;
  });
}

Result<void> CheckRsa(const BIGNUM* modulus, const BIGNUM* exponent) {
  const int bits = BN_num_bits(modulus);
  if (bits < limits::kRsaLeastBits || bits > limits::kRsaMostBits) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("RSA key: expected {} to {} bits, found {}", limits::kRsaLeastBits,
                            limits::kRsaMostBits, bits));
  }
  if (BN_is_odd(modulus) == 0) return Fail(ErrorCode::kMalformed, "RSA key: its modulus is even");
  if (BN_is_odd(exponent) == 0 || BN_num_bits(exponent) < 17 || BN_num_bits(exponent) > 64) {
    return Fail(ErrorCode::kUnsupported,
                "RSA key: expected an odd exponent from 65537 on and below 2^64");
  }
  if (IsRoca(modulus)) {
    return Fail(ErrorCode::kUnsupported, "RSA key: its generator was flawed (CVE-2017-15361)",
                "replace the key: it can be factored");
  }
  return {};
}

const EVP_MD* DigestOf(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::kRs256:
    case JwsAlgorithm::kPs256:
    case JwsAlgorithm::kEs256: return EVP_sha256();
    case JwsAlgorithm::kRs384:
    case JwsAlgorithm::kPs384:
    case JwsAlgorithm::kEs384: return EVP_sha384();
    case JwsAlgorithm::kRs512:
    case JwsAlgorithm::kPs512: return EVP_sha512();
  }
  return nullptr;
}

bool IsPss(JwsAlgorithm algorithm) {
  return algorithm == JwsAlgorithm::kPs256 || algorithm == JwsAlgorithm::kPs384 ||
         algorithm == JwsAlgorithm::kPs512;
}

bool VerifyRsa(const PublicKey& key, JwsAlgorithm algorithm, View message, View signature) {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // owned by context
  bool ok = context && EVP_DigestVerifyInit(context.get(), &options, DigestOf(algorithm), nullptr,
                                            key.raw()) == 1;
  if (ok && IsPss(algorithm)) {
    ok = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(options, DigestOf(algorithm)) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  ok = ok && EVP_DigestVerify(context.get(), Raw(signature), signature.size(), Raw(message),
                              message.size()) == 1;
  ERR_clear_error();
  return ok;
}

BignumPtr PartOf(const PublicKey& key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.raw(), name, &number) != 1) ERR_clear_error();
  return BignumPtr(number);
}

}  // namespace

std::string_view Name(JwsAlgorithm algorithm) {
  const auto* const entry =
      std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                   [&](const Entry& candidate) { return candidate.algorithm == algorithm; });
  return entry != kAlgorithms.end() ? entry->name : std::string_view();
}

std::optional<JwsAlgorithm> JwsAlgorithmOf(std::string_view name) {
  for (const Entry& entry : kAlgorithms) {
    if (entry.name == name) return entry.algorithm;
  }
  return std::nullopt;
}

Result<PublicKey> RsaPublicKey(View modulus, View exponent) {
  constexpr std::size_t kMostBytes = limits::kRsaMostBits / 8;
  if (modulus.size() > kMostBytes || exponent.size() > kMostBytes) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("RSA key: expected at most {} bits", limits::kRsaMostBits));
  }
  const BignumPtr n = Number(modulus);
  const BignumPtr e = Number(exponent);
  if (!n || !e) return Fail(ErrorCode::kInternal, "OpenSSL could not read an RSA key");
  TRY_VOID(CheckRsa(n.get(), e.get()));
  return RsaKeyOfAnyNumbers(modulus, exponent);
}

Result<void> CheckJoseKey(const PublicKey& key) {
  if (key.IsEc(Curve::kP256) || key.IsEc(Curve::kP384)) return {};
  if (EVP_PKEY_get_base_id(key.raw()) == EVP_PKEY_RSA) {
    const BignumPtr n = PartOf(key, OSSL_PKEY_PARAM_RSA_N);
    const BignumPtr e = PartOf(key, OSSL_PKEY_PARAM_RSA_E);
    if (n && e) return CheckRsa(n.get(), e.get());
  }
  return Fail(ErrorCode::kUnsupported, "key: expected RSA, or EC on P-256 or P-384");
}

std::vector<JwsAlgorithm> AlgorithmsOf(const PublicKey& key) {
  if (!CheckJoseKey(key)) return {};
  if (key.IsEc(Curve::kP256)) return {JwsAlgorithm::kEs256};
  if (key.IsEc(Curve::kP384)) return {JwsAlgorithm::kEs384};
  return {JwsAlgorithm::kRs256, JwsAlgorithm::kRs384, JwsAlgorithm::kRs512,
          JwsAlgorithm::kPs256, JwsAlgorithm::kPs384, JwsAlgorithm::kPs512};
}

bool VerifyJoseSignature(const PublicKey& key, JwsAlgorithm algorithm, View message,
                         View signature) {
  if (algorithm == JwsAlgorithm::kEs256) {
    return key.IsEc(Curve::kP256) && key.VerifyEcdsa(Sha256(message), signature);
  }
  if (algorithm == JwsAlgorithm::kEs384) {
    return key.IsEc(Curve::kP384) && key.VerifyEcdsa(Sha384(message), signature);
  }
  return EVP_PKEY_get_base_id(key.raw()) == EVP_PKEY_RSA &&
         VerifyRsa(key, algorithm, message, signature);
}

}  // namespace assay
