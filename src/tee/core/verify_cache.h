// What has been verified before, so that expensive things are done once: certificate paths, parsed
// keys and collateral signatures, each under a digest of everything that went into it.
//
// An entry records a fact that does not depend on time ("this chain's signatures are right, it is
// valid from A to B"); the caller compares A and B with its own now on every use. Nothing that
// failed is remembered.
#pragma once

#include <cstddef>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/limits.h"
#include "crypto/digest.h"

namespace assay {

// Safe for concurrent use. Bounded: the least recently used entry goes first.
class VerifyCache {
 public:
  explicit VerifyCache(std::size_t capacity = limits::kVerifyCacheEntries) : capacity_(capacity) {}

  // The entry of type T under `key`, or null. A key must always be used with one T.
  template <typename T>
  std::shared_ptr<const T> Find(const Sha256Digest& key) {
    return std::static_pointer_cast<const T>(FindAny(key));
  }
  template <typename T>
  void Put(const Sha256Digest& key, std::shared_ptr<const T> value) {
    PutAny(key, std::move(value));
  }

 private:
  using Entry = std::pair<Sha256Digest, std::shared_ptr<const void>>;
  struct Hash {
    std::size_t operator()(const Sha256Digest& digest) const {
      std::size_t out = 0;
      std::memcpy(&out, digest.data(), sizeof out);  // a digest is already uniform
      return out;
    }
  };

  std::shared_ptr<const void> FindAny(const Sha256Digest& key);
  void PutAny(const Sha256Digest& key, std::shared_ptr<const void> value);

  const std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> by_use_;                                                    // guarded by mutex_
  std::unordered_map<Sha256Digest, std::list<Entry>::iterator, Hash> by_key_;  // guarded by mutex_
};

}  // namespace assay
