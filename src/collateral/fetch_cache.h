// The answers of collateral hosts, kept on disk: one file for each URL, replaced atomically, so
// that several processes may share the folder.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace assay {

struct CachedAnswer {
  Bytes body;
  std::string issuer_chain;  // as the header had it: URL-encoded PEM
  std::string etag;
  Time checked{};  // when the host last said that this is current
};

class FetchCache {
 public:
  // Without a folder, answers are kept in memory only.
  explicit FetchCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Nothing also for a file that cannot be read: the host is asked again and the file replaced.
  std::optional<CachedAnswer> Load(const std::string& url) const;
  Result<void> Store(const std::string& url, const CachedAnswer& answer);

 private:
  std::filesystem::path PathOf(const std::string& url) const;

  std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<std::string, CachedAnswer> memory_;
};

}  // namespace assay
