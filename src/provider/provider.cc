#include "provider/provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"

namespace assay {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Result<TrustModel> AnyTrustModel(std::string_view text) {
  if (text == "Shared") return TrustModel::kShared;
  return ParseTrustModel(text);
}

}  // namespace

std::string_view Name(TrustModel model) {
  switch (model) {
    case TrustModel::kShared: return "Shared";
    case TrustModel::kAad: return "AAD";
    case TrustModel::kIsolated: return "Isolated";
  }
  return "Shared";
}

Result<TrustModel> ParseTrustModel(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower == "aad") return TrustModel::kAad;
  if (lower == "isolated") return TrustModel::kIsolated;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("trust model: expected aad or isolated, found \"{}\"", text));
}

bool IsProviderName(std::string_view name) {
  if (name.size() < 3 || name.size() > limits::kProviderNameBytes) return false;
  if (!IsLower(name.front()) || name.back() == '-' || name == kSharedProvider) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

Result<void> CheckProviderName(std::string_view name) {
  if (IsProviderName(name)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("provider name \"{}\": expected 3 to {} lower-case letters, digits and "
                          "hyphens, a letter first, no hyphen at the end, and not \"{}\"",
                          name.substr(0, limits::kProviderNameBytes), limits::kProviderNameBytes,
                          kSharedProvider));
}

Result<Provider> NewProvider(std::string_view name, TrustModel model, int record_days, Time now) {
  TRY_VOID(CheckProviderName(name));
  if (record_days < 0 || record_days > limits::kRecordedDays) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("days to keep evidence: expected 0 to {}, found {}",
                            limits::kRecordedDays, record_days));
  }
  const std::string id = HexEncode(TRY(RandomBytes(8)));
  return Provider{std::string(name), id, model, now, record_days, 0};
}

json::Object ProviderJson(const Provider& provider) {
  return {{"name", provider.name},
          {"id", provider.id},
          {"trustModel", Name(provider.model)},
          {"created", FormatTime(provider.created)},
          {"recordDays", provider.record_days},
          {"requestsPerMinute", provider.requests_per_minute}};
}

Result<Provider> ProviderFromJson(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  Provider out;
  out.name = TRY(document.String("name", "provider.name"));
  out.id = TRY(document.String("id", "provider.id"));
  out.model = TRY(AnyTrustModel(TRY(document.String("trustModel", "provider.trustModel"))));
  out.created = TRY(ParseTime(TRY(document.String("created", "provider.created"))));
  const std::int64_t days = TRY(document.Int("recordDays", "provider.recordDays"));
  out.record_days = static_cast<int>(std::clamp<std::int64_t>(days, 0, limits::kRecordedDays));
  const std::int64_t requests =
      TRY(document.Int("requestsPerMinute", "provider.requestsPerMinute"));
  if (requests < 0 || requests > std::numeric_limits<int>::max()) {
    return Fail(ErrorCode::kMalformed, "provider.requestsPerMinute: out of range");
  }
  out.requests_per_minute = static_cast<int>(requests);
  return out;
}

}  // namespace assay
