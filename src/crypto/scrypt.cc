#include "crypto/scrypt.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/limits.h"

namespace assay {

Result<SecretBytes> Scrypt(View passphrase, View salt, const ScryptCost& cost, std::size_t size) {
  if (cost.log_n < 1 || cost.log_n > limits::kScryptLogNMost || cost.r != 8 || cost.p != 1) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("scrypt: expected log2 N from 1 to {}, r 8 and p 1, found {}, {} and {}",
                    limits::kScryptLogNMost, cost.log_n, cost.r, cost.p));
  }
  const std::uint64_t n = std::uint64_t{1} << cost.log_n;
  // 128 · r bytes for each of N blocks, and as many again for working; OpenSSL's own bound is 32
  // MiB.
  const std::uint64_t memory = 128 * std::uint64_t{cost.r} * (n + cost.p + 2) + (1U << 20U);
  SecretBytes out(size);
  const int done = EVP_PBE_scrypt(
      reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
      reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), n, cost.r, cost.p, memory,
      reinterpret_cast<unsigned char*>(out.writable().data()), out.size());
  ERR_clear_error();
  if (done != 1) return Fail(ErrorCode::kInternal, "OpenSSL could not compute scrypt");
  return out;
}

}  // namespace assay
