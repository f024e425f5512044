#include "crypto/signing_key.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "crypto/digest.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

constexpr std::size_t kP256Half = 32;

tl::unexpected<Error> OpensslFail(const std::string& what) {
  ERR_clear_error();
  return Fail(ErrorCode::kInternal, "OpenSSL could not " + what);
}

// DER ECDSA-Sig-Value → r ‖ s, as RFC 7518 §3.4 wants.
Result<Bytes> EcdsaFromDer(View der) {
  const unsigned char* in = Raw(der);
  const EcdsaSigPtr sig(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  Bytes out(2 * kP256Half);
  const int half = static_cast<int>(kP256Half);
  if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), Raw(out), half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), Raw(out) + half, half) != half) {
    return OpensslFail("convert an ECDSA signature");
  }
  return out;
}

Result<Bytes> Parameter(EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return OpensslFail("read a public key");
  const BignumPtr owned(number);
  Bytes out(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(number)));
  if (BN_bn2binpad(number, Raw(out), static_cast<int>(out.size())) < 0) {
    return OpensslFail("read a public key");
  }
  return out;
}

// Ready to sign SHA-256 digests. OpenSSL 3 searches its providers at each initialisation, which
// costs more than copying what one initialisation found.
std::shared_ptr<EVP_PKEY_CTX> Prepare(EVP_PKEY* key, bool is_ec) {
  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool ready =
      context && EVP_PKEY_sign_init(context.get()) == 1 &&
      (is_ec || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1;
  if (!ready) context.reset();
  return context;
}

}  // namespace

Result<SigningKey> SigningKey::Adopt(EVP_PKEY* key) {
  std::shared_ptr<EVP_PKEY> owned(key, EVP_PKEY_free);
  if (key == nullptr) return OpensslFail("make or read a private key");
  const int id = EVP_PKEY_get_base_id(key);
  const int bits = EVP_PKEY_get_bits(key);
  const bool is_ec = id == EVP_PKEY_EC && bits == 256;
  if (!is_ec && !(id == EVP_PKEY_RSA && bits >= 2048)) {
    return Fail(ErrorCode::kUnsupported,
                "signing key: expected RSA of 2048 bits or more, or P-256");
  }
  std::shared_ptr<EVP_PKEY_CTX> prepared = Prepare(key, is_ec);
  if (!prepared) return OpensslFail("prepare a signing key");
  return SigningKey(std::move(owned), std::move(prepared), is_ec);
}

Result<SigningKey> SigningKey::Generate(KeyType type) {
  if (type == KeyType::kP256) return Adopt(EVP_EC_gen("P-256"));
  return Adopt(EVP_RSA_gen(type == KeyType::kRsa3072 ? 3072U : 2048U));
}

Result<SigningKey> SigningKey::FromPem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key = nullptr;
  // An empty passphrase callback: never prompt on a terminal.
  if (bio) key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>(""));
  if (key == nullptr) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, "signing key: not an unencrypted PEM private key");
  }
  return Adopt(key);
}

Result<SigningKey> SigningKey::Load(const std::string& path) {
  const BioPtr bio(BIO_new_file(path.c_str(), "r"));
  if (!bio) {
    ERR_clear_error();
    return Fail(ErrorCode::kIo, "cannot read the private key " + path);
  }
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>(""));
  if (key == nullptr) {
    ERR_clear_error();
    return Fail(ErrorCode::kMalformed, path + ": not an unencrypted PEM private key");
  }
  return Adopt(key);
}

Result<void> SigningKey::Save(const std::string& path) const {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
  const BioPtr bio(BIO_new_fd(fd, BIO_NOCLOSE));
  const bool written = bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                                            0, nullptr, nullptr) == 1;
  const bool durable = fsync(fd) == 0;
  const bool closed = close(fd) == 0;
  if (!written || !durable || !closed) {
    ERR_clear_error();
    unlink(path.c_str());
    return Fail(ErrorCode::kIo, path + ": the private key could not be written");
  }
  return {};
}

Result<Bytes> SigningKey::Sign(View message) const {
  Bytes out = TRY(SignDigest(Sha256(message)));
  if (is_ec_) return EcdsaFromDer(out);
  return out;
}

Result<Bytes> SigningKey::SignDigest(View digest) const {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_dup(prepared_.get()));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign(context.get(), Raw(out), &size, Raw(digest), digest.size()) != 1) {
    return OpensslFail("sign");
  }
  out.resize(size);
  return out;
}

Result<PublicParameters> SigningKey::Public() const {
  PublicParameters out;
  if (is_ec_) {
    out.kty = "EC";
    out.x = TRY(Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Half));
    out.y = TRY(Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Half));
  } else {
    out.kty = "RSA";
    out.n = TRY(Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0));
    out.e = TRY(Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0));
  }
  return out;
}

// Of the kernel. OpenSSL 3.0 takes a lock of the whole process for each call, to ask the generator
// above a thread's own whether that was reseeded: a thread that is interrupted meanwhile holds up
// all others.
Result<Bytes> RandomBytes(std::size_t count) {
  Bytes out(count);
  for (std::span<std::byte> rest(out); !rest.empty();) {
    const ssize_t got = ::getrandom(rest.data(), rest.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      return Fail(ErrorCode::kInternal,
                  std::string("the kernel gave no random bytes: ") + std::strerror(errno));
    }
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  return out;
}

}  // namespace assay
