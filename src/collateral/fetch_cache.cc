#include "collateral/fetch_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "assay-fetch-1";

Result<CachedAnswer> Decode(std::string_view text, const std::string& url) {
  const json::Value value = TRY(json::Parse(text));
  if (TRY(value.String("format", "format")) != kFormat || TRY(value.String("url", "url")) != url) {
    return Fail(ErrorCode::kUnsupported, "another cache entry");
  }
  CachedAnswer answer;
  answer.body = TRY(Base64Decode(TRY(value.String("body", "body"))));
  answer.issuer_chain = TRY(value.String("issuer_chain", "issuer_chain"));
  answer.etag = TRY(value.String("etag", "etag"));
  answer.checked = FromUnixSeconds(TRY(value.Int("checked", "checked")));
  return answer;
}

std::string Encode(const std::string& url, const CachedAnswer& answer) {
  return json::Write(json::Object{{"format", kFormat},
                                  {"url", url},
                                  {"etag", answer.etag},
                                  {"checked", UnixSeconds(answer.checked)},
                                  {"issuer_chain", answer.issuer_chain},
                                  {"body", Base64Encode(answer.body)}});
}

}  // namespace

fs::path FetchCache::PathOf(const std::string& url) const {
  return folder_ / (HexEncode(Sha256(AsBytes(url))) + ".json");
}

std::optional<CachedAnswer> FetchCache::Load(const std::string& url) const {
  if (folder_.empty()) {
    const std::lock_guard lock(mutex_);
    const auto found = memory_.find(url);
    return found == memory_.end() ? std::nullopt : std::optional(found->second);
  }
  std::ifstream file(PathOf(url), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  auto answer = Decode(text.str(), url);
  if (!answer) return std::nullopt;
  return std::move(*answer);
}

Result<void> FetchCache::Store(const std::string& url, const CachedAnswer& answer) {
  if (folder_.empty()) {
    const std::lock_guard lock(mutex_);
    if (memory_.size() >= limits::kVerifyCacheEntries) memory_.erase(memory_.begin());
    memory_[url] = answer;
    return {};
  }
  static std::atomic<unsigned> counter{0};
  std::error_code error;
  fs::create_directories(folder_, error);
  const fs::path path = PathOf(url);
  fs::path temporary = path;
  temporary += fmt::format(".{}.{}", ::getpid(), counter.fetch_add(1));
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << Encode(url, answer);
    file.flush();
    if (!file) {
      fs::remove(temporary, error);
      return Fail(ErrorCode::kIo, fmt::format("cannot write to {}", folder_.string()));
    }
  }
  fs::rename(temporary, path, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return Fail(ErrorCode::kIo, fmt::format("cannot write {}: {}", path.string(), error.message()));
}

}  // namespace assay
