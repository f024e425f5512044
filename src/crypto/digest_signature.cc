#include "crypto/digest_signature.h"

#include <fmt/format.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

struct SignatureEntry {
  DigestSignature algorithm;
  std::string_view name;
  std::size_t digest;  // bytes
  bool pss;
  std::optional<NamedCurve> curve;  // nothing: RSA
};

constexpr std::array kSignatures = std::to_array<SignatureEntry>({
    {DigestSignature::kRs256, "RS256", 32, false, {}},
    {DigestSignature::kRs384, "RS384", 48, false, {}},
    {DigestSignature::kRs512, "RS512", 64, false, {}},
    {DigestSignature::kPs256, "PS256", 32, true, {}},
    {DigestSignature::kPs384, "PS384", 48, true, {}},
    {DigestSignature::kPs512, "PS512", 64, true, {}},
    {DigestSignature::kEs256, "ES256", 32, false, NamedCurve::kP256},
    {DigestSignature::kEs384, "ES384", 48, false, NamedCurve::kP384},
    {DigestSignature::kEs512, "ES512", 64, false, NamedCurve::kP521},
    {DigestSignature::kEs256K, "ES256K", 32, false, NamedCurve::kP256K},
});

const SignatureEntry& EntryOf(DigestSignature algorithm) {
  return kSignatures[static_cast<std::size_t>(algorithm)];
}

const EVP_MD* DigestOfBytes(std::size_t size) {
  if (size == 32) return EVP_sha256();
  return size == 48 ? EVP_sha384() : EVP_sha512();
}

bool SetUp(EVP_PKEY_CTX* context, const SignatureEntry& entry) {
  const EVP_MD* const md = DigestOfBytes(entry.digest);
  if (EVP_PKEY_CTX_set_signature_md(context, md) != 1) return false;
  if (entry.curve) return true;
  if (!entry.pss) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// ECDSA-Sig-Value → r ‖ s.
Result<Bytes> FromDer(View der, std::size_t half) {
  const unsigned char* in = Raw(der);
  const EcdsaSigPtr sig(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  Bytes out(2 * half);
  auto* const raw = reinterpret_cast<unsigned char*>(out.data());
  const int size = static_cast<int>(half);
  if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), raw, size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), raw + half, size) != size) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not write an ECDSA signature");
  }
  return out;
}

// Nothing when OpenSSL cannot.
Bytes ToDer(View signature) {
  const std::size_t half = signature.size() / 2;
  const auto number = [](View part) {
    return BignumPtr(BN_bin2bn(Raw(part), static_cast<int>(part.size()), nullptr));
  };
  BignumPtr r = number(signature.first(half));
  BignumPtr s = number(signature.subspan(half));
  const EcdsaSigPtr sig(ECDSA_SIG_new());
  if (!sig || !r || !s) return {};
  if (ECDSA_SIG_set0(sig.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();  // the signature has taken both over
  (void)s.release();
  const int size = i2d_ECDSA_SIG(sig.get(), nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  i2d_ECDSA_SIG(sig.get(), &at);
  return out;
}

}  // namespace

std::optional<DigestSignature> DigestSignatureOf(std::string_view name) {
  for (const SignatureEntry& entry : kSignatures) {
    if (entry.name == name) return entry.algorithm;
  }
  return std::nullopt;
}

std::string_view Name(DigestSignature algorithm) { return EntryOf(algorithm).name; }

std::size_t DigestBytes(DigestSignature algorithm) { return EntryOf(algorithm).digest; }

bool IsPss(DigestSignature algorithm) { return EntryOf(algorithm).pss; }

Result<void> CheckDigest(std::optional<NamedCurve> curve, DigestSignature algorithm, View digest) {
  const SignatureEntry& entry = EntryOf(algorithm);
  if (curve != entry.curve) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is for keys of another kind or curve", entry.name));
  }
  if (digest.size() != entry.digest) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: expected a digest of {} bytes, found {}", entry.name, entry.digest,
                            digest.size()));
  }
  return {};
}

Result<Bytes> SignDigest(const AsymmetricKey& key, DigestSignature algorithm, View digest) {
  const SignatureEntry& entry = EntryOf(algorithm);
  TRY_VOID(CheckDigest(key.curve(), algorithm, digest));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || !SetUp(context.get(), entry) ||
      EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, Raw(digest),
                    digest.size()) != 1) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not sign");
  }
  out.resize(size);
  return entry.curve ? FromDer(out, CoordinateBytes(*entry.curve)) : Result<Bytes>(std::move(out));
}

Result<bool> VerifyDigest(const AsymmetricKey& key, DigestSignature algorithm, View digest,
                          View signature) {
  const SignatureEntry& entry = EntryOf(algorithm);
  TRY_VOID(CheckDigest(key.curve(), algorithm, digest));
  Bytes der;
  if (entry.curve) {
    if (signature.size() != 2 * CoordinateBytes(*entry.curve)) return false;
    der = ToDer(signature);
    signature = der;
  }
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  const bool valid = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                     SetUp(context.get(), entry) &&
                     EVP_PKEY_verify(context.get(), Raw(signature), signature.size(), Raw(digest),
                                     digest.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace assay
