#include "tee/core/verify_cache.h"

namespace assay {

std::shared_ptr<const void> VerifyCache::FindAny(const Sha256Digest& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->second;
}

void VerifyCache::PutAny(const Sha256Digest& key, std::shared_ptr<const void> value) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    found->second->second = std::move(value);
    return;
  }
  by_use_.emplace_front(key, std::move(value));
  by_key_[key] = by_use_.begin();
  if (by_use_.size() > capacity_) {
    by_key_.erase(by_use_.back().first);
    by_use_.pop_back();
  }
}

}  // namespace assay
