// A map of bounded size: when it is full, the entry that was not used for the longest time goes.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace assay {

// Not safe for concurrent use: the owner holds a lock.
template <typename Value>
class LruMap {
 public:
  explicit LruMap(std::size_t capacity) : capacity_(capacity) {}

  // The value, now the last used; null if there is none. Valid until the next Put or Erase.
  Value* Find(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &found->second->second;
  }

  void Put(const std::string& key, Value value) {
    if (Value* known = Find(key)) {
      *known = std::move(value);
      return;
    }
    by_use_.emplace_front(key, std::move(value));
    by_key_[key] = by_use_.begin();
    if (by_use_.size() <= capacity_) return;
    by_key_.erase(by_use_.back().first);
    by_use_.pop_back();
  }

  void Erase(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    by_use_.erase(found->second);
    by_key_.erase(found);
  }

  void Clear() {
    by_key_.clear();
    by_use_.clear();
  }

  std::size_t size() const { return by_use_.size(); }
  auto begin() const { return by_use_.begin(); }  // last used first
  auto end() const { return by_use_.end(); }

 private:
  using Entry = std::pair<std::string, Value>;
  const std::size_t capacity_;
  std::list<Entry> by_use_;
  std::unordered_map<std::string, typename std::list<Entry>::iterator> by_key_;
};

}  // namespace assay
