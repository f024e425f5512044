#include "crypto/digest.h"

#include <openssl/sha.h>

namespace assay {
namespace {

const unsigned char* Raw(View data) { return reinterpret_cast<const unsigned char*>(data.data()); }

template <std::size_t N>
unsigned char* Raw(ByteArray<N>& out) {
  return reinterpret_cast<unsigned char*>(out.data());
}

}  // namespace

// The one-shot functions, not EVP: they need no provider look-up and cannot fail.
Sha256Digest Sha256(View data) {
  Sha256Digest out;
  SHA256(Raw(data), data.size(), Raw(out));
  return out;
}

Sha384Digest Sha384(View data) {
  Sha384Digest out;
  SHA384(Raw(data), data.size(), Raw(out));
  return out;
}

Sha512Digest Sha512(View data) {
  Sha512Digest out;
  SHA512(Raw(data), data.size(), Raw(out));
  return out;
}

}  // namespace assay
