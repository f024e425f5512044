// A digest (FIPS 180-4) over what comes piece by piece, and is too long to be held at once.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/digest.h"

struct evp_md_ctx_st;

namespace assay {

class RunningSha {
 public:
  void Add(View data);

 protected:
  explicit RunningSha(const char* algorithm);
  void Finish(std::span<std::byte> out);  // once; of the algorithm's size

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

class RunningSha256 : public RunningSha {
 public:
  RunningSha256() : RunningSha("SHA2-256") {}
  Sha256Digest Value() &&;
};

class RunningSha384 : public RunningSha {
 public:
  RunningSha384() : RunningSha("SHA2-384") {}
  Sha384Digest Value() &&;
};

}  // namespace assay
