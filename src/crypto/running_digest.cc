#include "crypto/running_digest.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace assay {

void RunningSha::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

RunningSha::RunningSha(const char* algorithm) : context_(EVP_MD_CTX_new()) {
  EVP_MD* const md = EVP_MD_fetch(nullptr, algorithm, nullptr);
  const bool ok = context_ && md != nullptr && EVP_DigestInit_ex2(context_.get(), md, nullptr) == 1;
  EVP_MD_free(md);        // the context holds its own reference
  if (!ok) std::abort();  // OpenSSL without SHA-2, or out of memory: nothing can be judged
}

void RunningSha::Add(View data) {
  if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1) std::abort();
}

void RunningSha::Finish(std::span<std::byte> out) {
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &size) !=
          1 ||
      size != out.size()) {
    std::abort();
  }
}

Sha256Digest RunningSha256::Value() && {
  Sha256Digest out{};
  Finish(out);
  return out;
}

Sha384Digest RunningSha384::Value() && {
  Sha384Digest out{};
  Finish(out);
  return out;
}

}  // namespace assay
