// A signature that was found right stays right: remember it under the digests of who signed what.
#pragma once

#include <string_view>

#include "tee/core/verify_cache.h"

namespace assay {

// True if `verify` succeeds now or did before for the same `kind`, `subject` and `signer`. The two
// digests must cover everything that `verify` looks at.
template <typename Verify>
bool RememberedFact(VerifyCache& cache, std::string_view kind, const Sha256Digest& subject,
                    const Sha256Digest& signer, Verify verify) {
  struct Fact {};
  Bytes preimage;
  preimage.reserve(kind.size() + subject.size() + signer.size());
  Append(preimage, AsBytes(kind));
  Append(preimage, subject);
  Append(preimage, signer);
  const Sha256Digest key = Sha256(preimage);
  if (cache.Find<Fact>(key) != nullptr) return true;
  if (!verify()) return false;
  cache.Put<Fact>(key, std::make_shared<const Fact>());
  return true;
}

}  // namespace assay
