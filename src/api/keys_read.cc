// GET of keys, their versions, and deleted keys.
#include <algorithm>
#include <array>
#include <charconv>

#include "api/key_json.h"
#include "api/machine_json.h"

namespace assay {
namespace {

using keys::FaultKind;

constexpr std::array<std::string_view, 4> kKeyApiVersions = {"7.4", "7.5", "7.6", "2025-07-01"};

// `maxresults`: 1 to 25, as the API has it.
keys::Outcome<std::size_t> PageSize(const HttpRequest& request) {
  const std::string_view text = request.Parameter("maxresults");
  if (text.empty()) return limits::kKeysPage;
  std::size_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || out == 0 ||
      out > limits::kKeysPage) {
    return keys::Refuse(FaultKind::kBadParameter,
                        "maxresults: expected 1 to " + std::to_string(limits::kKeysPage));
  }
  return out;
}

// Where it begins is a name or a version, which need no encoding.
struct Wanted {
  std::string_view after;
  std::size_t limit;
};

keys::Outcome<Wanted> WantedPage(const HttpRequest& request) {
  const std::string_view after = request.Parameter("$skiptoken");
  if (!after.empty() && !keys::IsKeyName(after)) {
    return keys::Refuse(FaultKind::kBadParameter, "$skiptoken: expected that of a nextLink");
  }
  const std::size_t limit = TRY(PageSize(request));
  return Wanted{after, limit};
}

HttpResponse PageResponse(const KeyCall& call, json::Array items, const std::string& next) {
  json::Object out{{"value", std::move(items)}};
  if (next.empty()) {
    out.emplace_back("nextLink", json::Value());
  } else {
    std::string link = call.service.url + call.request.path +
                       "?api-version=" + std::string(call.request.Parameter("api-version")) +
                       "&$skiptoken=" + next;
    const std::string_view size = call.request.Parameter("maxresults");
    if (!size.empty()) link += "&maxresults=" + std::string(size);
    out.emplace_back("nextLink", std::move(link));
  }
  return JsonResponse(std::move(out));
}

template <typename T, typename Write>
HttpResponse AnswerPage(const KeyCall& call, const keys::Outcome<keys::Page<T>>& page,
                        const Write& write) {
  if (!page) return KeyFaultResponse(call.service, page.error());
  json::Array items;
  for (const T& one : page->items) items.emplace_back(write(one));
  return PageResponse(call, std::move(items), page->next);
}

}  // namespace

std::optional<ApiError> CheckKeyVersion(const HttpRequest& request) {
  const std::string_view version = request.Parameter("api-version");
  if (version.empty()) {
    return ApiError{
        400, "MissingApiVersionParameter", "the query parameter api-version is required", {}};
  }
  if (std::find(kKeyApiVersions.begin(), kKeyApiVersions.end(), version) == kKeyApiVersions.end()) {
    return ApiError{400,
                    "UnsupportedApiVersionValue",
                    "api-version: expected 7.4, 7.5, 7.6 or 2025-07-01, found " +
                        std::string(version.substr(0, 32)),
                    {}};
  }
  return std::nullopt;
}

HttpResponse GetKey(const KeyCall& call) {
  const auto key = call.service.vault.Get(call.name, call.version);
  if (!key) return KeyFaultResponse(call.service, key.error());
  return JsonResponse(KeyBundleJson(call.service, *key));
}

HttpResponse GetKeyAttestation(const KeyCall& call) {
  const auto key = call.service.vault.Get(call.name, call.version);
  if (!key) return KeyFaultResponse(call.service, key.error());
  return KeyFaultResponse(
      call.service,
      {FaultKind::kNotSupported,
       key->type().hsm
           ? "PKCS#11 has no attestation of keys, so this vault cannot show that of its HSM"
           : "an HSM attests the keys it holds, and this key is in none"});
}

HttpResponse ListKeys(const KeyCall& call) {
  const auto wanted = WantedPage(call.request);
  if (!wanted) return KeyFaultResponse(call.service, wanted.error());
  return AnswerPage(
      call, call.service.vault.List(wanted->after, wanted->limit),
      [&call](const keys::KeyVersion& one) { return KeyItemJson(call.service, one, false); });
}

HttpResponse ListKeyVersions(const KeyCall& call) {
  const auto wanted = WantedPage(call.request);
  if (!wanted) return KeyFaultResponse(call.service, wanted.error());
  return AnswerPage(
      call, call.service.vault.ListVersions(call.name, wanted->after, wanted->limit),
      [&call](const keys::KeyVersion& one) { return KeyItemJson(call.service, one, true); });
}

HttpResponse GetDeletedKey(const KeyCall& call) {
  const auto key = call.service.vault.GetDeleted(call.name);
  if (!key) return KeyFaultResponse(call.service, key.error());
  json::Object out = KeyBundleJson(call.service, key->current);
  AddDeletion(call.service, *key, out);
  return JsonResponse(std::move(out));
}

HttpResponse ListDeletedKeys(const KeyCall& call) {
  const auto wanted = WantedPage(call.request);
  if (!wanted) return KeyFaultResponse(call.service, wanted.error());
  return AnswerPage(call, call.service.vault.ListDeleted(wanted->after, wanted->limit),
                    [&call](const keys::DeletedKey& one) {
                      json::Object out = KeyItemJson(call.service, one.current, false);
                      AddDeletion(call.service, one, out);
                      return out;
                    });
}

}  // namespace assay
