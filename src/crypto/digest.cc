#include "crypto/digest.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

struct MdDeleter {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
};
using MdPtr = std::unique_ptr<EVP_MD, MdDeleter>;

// An algorithm is fetched once and a context kept for each thread: OpenSSL 3 searches its providers
// on every one-shot call, which costs more than hashing a short input.
template <std::size_t N>
ByteArray<N> Digest(const EVP_MD* md, View data) {
  thread_local const EvpMdCtxPtr context(EVP_MD_CTX_new());
  ByteArray<N> out;
  unsigned size = 0;
  if (md == nullptr || !context || EVP_DigestInit_ex2(context.get(), md, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1 ||
      size != N) {
    std::abort();  // OpenSSL without SHA-2, or out of memory: nothing can be judged
  }
  return out;
}

}  // namespace

Sha256Digest Sha256(View data) {
  static const MdPtr md(EVP_MD_fetch(nullptr, "SHA2-256", nullptr));
  return Digest<32>(md.get(), data);
}

Sha384Digest Sha384(View data) {
  static const MdPtr md(EVP_MD_fetch(nullptr, "SHA2-384", nullptr));
  return Digest<48>(md.get(), data);
}

Sha512Digest Sha512(View data) {
  static const MdPtr md(EVP_MD_fetch(nullptr, "SHA2-512", nullptr));
  return Digest<64>(md.get(), data);
}

ByteArray<20> Sha1(View data) {
  static const MdPtr md(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return Digest<20>(md.get(), data);
}

}  // namespace assay
