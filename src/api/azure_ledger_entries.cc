// Entries of applications: written, read by their transaction, listed by collection, tag and range.
#include <fmt/format.h>

#include <algorithm>

#include "api/azure_ledger_resources.h"
#include "api/machine_json.h"
#include "base/limits.h"
#include "base/percent.h"

namespace assay {
namespace {

using ledger::ApplicationEntry;

// As Azure names the collection of those who name none.
constexpr std::string_view kDefaultCollection = "subledger:0";

Result<std::string> CollectionOf(const HttpRequest& request) {
  std::string out = TRY(LedgerParameter(request, "collectionId"));
  if (out.empty()) return std::string(kDefaultCollection);
  TRY_VOID(ledger::CheckLedgerName(out, "collectionId"));
  return out;
}

// "red,wide", in any order; twice is once.
Result<std::vector<std::string>> TagsOf(const HttpRequest& request) {
  const std::string text = TRY(LedgerParameter(request, "tags"));
  std::vector<std::string> out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool HasHooks(const json::Value& body) {
  for (const char* name : {"preHooks", "postHooks"}) {
    const json::Value* const hooks = body.Find(name);
    const bool none = hooks == nullptr || hooks->is_null() ||
                      (hooks->AsArray() != nullptr && hooks->AsArray()->empty());
    if (!none) return true;
  }
  return false;
}

// What the API calls read-only may be in the body, and says nothing.
Result<ApplicationEntry> EntryFromBody(const LedgerCall& call, const json::Value& body) {
  ApplicationEntry out;
  out.time = call.service.clock();
  out.author = call.caller.name;
  out.collection = TRY(CollectionOf(call.request));
  out.tags = TRY(TagsOf(call.request));
  out.contents = TRY(body.String("contents", "the entry"));
  return out;
}

json::Object AzureEntryJson(std::uint64_t index, const ApplicationEntry& entry) {
  return {{"contents", entry.contents},
          {"collectionId", entry.collection},
          {"transactionId", ToText(ledger::TransactionOf(index))}};
}

// A bound of the range, which need not be a transaction of an application, nor one at all.
Result<std::uint64_t> BoundOf(const HttpRequest& request, std::string_view name,
                              std::uint64_t otherwise) {
  const std::string text = TRY(LedgerParameter(request, name));
  if (text.empty()) return otherwise;
  const ledger::TransactionId id = TRY(ledger::ParseTransactionId(text));
  return id.seqno - 1;
}

// The rest of the same question, relative as Azure writes it.
std::string NextEntries(const HttpRequest& request, std::uint64_t next) {
  std::string out =
      fmt::format("/app/transactions?api-version={}&fromTransactionId={}",
                  request.Parameter("api-version"), ToText(ledger::TransactionOf(next)));
  for (const std::string_view name : {"toTransactionId", "collectionId", "tag"}) {
    const std::string_view value = request.Parameter(name);
    if (!value.empty()) out += fmt::format("&{}={}", name, value);
  }
  return out;
}

Result<json::Object> EntriesPage(const LedgerCall& call) {
  const std::string collection = TRY(CollectionOf(call.request));
  const std::string tag = TRY(LedgerParameter(call.request, "tag"));
  ledger::EntryQuery query{collection, tag, 0, 0, limits::kLedgerPage};
  query.first = TRY(BoundOf(call.request, "fromTransactionId", 0));
  query.last = TRY(BoundOf(call.request, "toTransactionId", ~std::uint64_t{0}));
  const ledger::EntryPage page = TRY(call.service.ledger.applications().List(query));
  json::Array entries;
  for (const ledger::FoundEntry& one : page.entries) {
    entries.emplace_back(AzureEntryJson(one.index, one.entry));
  }
  json::Object out{{"state", "Ready"}, {"entries", std::move(entries)}};
  if (page.next) out.emplace_back("nextLink", NextEntries(call.request, *page.next));
  return out;
}

Result<json::Object> EntryWithId(const LedgerCall& call) {
  const std::uint64_t index = TRY(TransactionIndex(call.service, call.parameter));
  const ApplicationEntry entry = TRY(call.service.ledger.applications().Get(index));
  const std::string wanted = TRY(LedgerParameter(call.request, "collectionId"));
  if (!wanted.empty() && wanted != entry.collection) {
    return Fail(ErrorCode::kMissing, fmt::format("transaction {} wrote nothing to the collection "
                                                 "\"{}\"",
                                                 call.parameter, wanted));
  }
  return json::Object{{"state", "Ready"}, {"entry", AzureEntryJson(index, entry)}};
}

Result<json::Object> CurrentEntry(const LedgerCall& call) {
  const std::string collection = TRY(CollectionOf(call.request));
  const ledger::FoundEntry found = TRY(call.service.ledger.applications().Newest(collection));
  return AzureEntryJson(found.index, found.entry);
}

Result<json::Object> CollectionsPage(const LedgerCall& call) {
  const std::string after = TRY(LedgerParameter(call.request, "after"));
  const auto page = TRY(call.service.ledger.applications().Collections(after, limits::kLedgerPage));
  json::Array collections;
  for (const std::string& one : page.items) {
    collections.emplace_back(json::Object{{"collectionId", one}});
  }
  json::Object out{{"collections", std::move(collections)}};
  if (!page.next.empty()) {
    out.emplace_back("nextLink", fmt::format("/app/collections?api-version={}&after={}",
                                             call.request.Parameter("api-version"), page.next));
  }
  return out;
}

HttpResponse AnswerWith(const LedgerCall& call, Result<json::Object> body) {
  if (!body) return LedgerFailure(call.service, body.error());
  return LedgerResponse(call, std::move(*body));
}

}  // namespace

HttpResponse CreateAzureEntry(const LedgerCall& call) {
  const auto body = BodyOf(call.request);
  if (!body) return LedgerFailure(call.service, body.error());
  if (HasHooks(*body)) {
    return ToResponse(
        {501, "NotSupported", "preHooks, postHooks: this ledger runs no code of its users", {}});
  }
  const auto entry = EntryFromBody(call, *body);
  if (!entry) return LedgerFailure(call.service, entry.error());
  const auto index = call.service.ledger.Append(*entry);
  if (!index) return LedgerFailure(call.service, index.error());
  return LedgerResponse(call, {{"collectionId", entry->collection}}, *index);
}

HttpResponse GetAzureEntry(const LedgerCall& call) { return AnswerWith(call, EntryWithId(call)); }

HttpResponse GetCurrentAzureEntry(const LedgerCall& call) {
  return AnswerWith(call, CurrentEntry(call));
}

HttpResponse ListAzureEntries(const LedgerCall& call) {
  return AnswerWith(call, EntriesPage(call));
}

HttpResponse ListAzureCollections(const LedgerCall& call) {
  return AnswerWith(call, CollectionsPage(call));
}

}  // namespace assay
