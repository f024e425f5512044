// GET /ledger/...: what is on the record, and what proves it (docs/ledger.md).
#include <charconv>

#include "api/denial.h"
#include "api/machine_json.h"
#include "api/resources.h"
#include "base/limits.h"

namespace assay {
namespace {

using ledger::EntryProof;

std::optional<std::uint64_t> NumberIn(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

ApiError LedgerError(const Error& error) {
  if (error.code == ErrorCode::kMissing) return {404, "NotFound", error.message, {}};
  return {500, "InternalError", "the ledger cannot prove this entry: see the log", {}};
}

// To what other processes appended: acts of the command line are on the record, too.
tl::expected<void, ApiError> CatchUp(ledger::Ledger& ledger) {
  return ledger.Refresh().map_error(LedgerError);
}

tl::expected<EntryProof, ApiError> ProofOf(const Call& call) {
  const auto index = NumberIn(call.parameter);
  if (!index) {
    return tl::unexpected(ApiError{400, "InvalidParameter", "expected the index of an entry", {}});
  }
  auto proof = call.ledger->Prove(*index);
  if (!proof) return tl::unexpected(LedgerError(proof.error()));
  return std::move(*proof);
}

Result<json::Object> EntryJson(ledger::Ledger& ledger, std::uint64_t index) {
  const ledger::LedgerEntry entry = TRY(ledger.Read(index));
  json::Object out{{"index", index}, {"time", FormatTime(entry.time)}};
  if (entry.record) out.emplace_back("record", RecordJson(*entry.record));
  if (entry.redacted_by) out.emplace_back("redactedBy", *entry.redacted_by);
  if (!entry.record && !entry.redacted_by) out.emplace_back("application", true);
  return out;
}

// What applications write is for the ledger's users, not for readers of decisions.
void HideApplication(EntryProof& proof) {
  if (!proof.body) return;
  const auto body = ledger::DecodeBody(proof.body->body);
  if (!body || std::holds_alternative<ledger::ApplicationEntry>(*body)) proof.body.reset();
}

}  // namespace

HttpResponse GetLedgerKey(const Call& call) {
  HttpResponse out;
  out.content_type = "text/plain; charset=utf-8";
  out.body = call.ledger->ledger().verifier().ToText() + "\n";
  return out;
}

// What introduces a key shows nobody's secret: with its record, for everybody.
HttpResponse GetLedgerSigners(const Call& call) {
  json::Array out;
  for (const LedgerService::Introduced& one : call.ledger->introduced()) {
    const auto proof = call.ledger->Prove(one.index);
    if (!proof) return ToResponse(LedgerError(proof.error()));
    out.emplace_back(json::Object{{"index", one.index},
                                  {"issuer", one.issuer},
                                  {"kid", one.kid},
                                  {"proof", EntryProofJson(*proof)}});
  }
  return JsonResponse(json::Object{{"signers", std::move(out)}});
}

// What the service says it is, to whoever must trust it: with its record, for everybody.
HttpResponse GetLedgerService(const Call& call) {
  const auto index = call.ledger->own_evidence();
  if (!index) {
    return ToResponse({404,
                       "NotFound",
                       "this service has no evidence of its own: it runs in no confidential guest "
                       "whose kernel reports it (configfs-tsm)",
                       {}});
  }
  const auto proof = call.ledger->Prove(*index);
  if (!proof) return ToResponse(LedgerError(proof.error()));
  return JsonResponse(EntryProofJson(*proof));
}

// For everybody: who holds a token knows which leaf is its own, and learns nothing else.
HttpResponse GetLedgerReceipt(const Call& call) {
  auto proof = ProofOf(call);
  if (!proof) return ToResponse(proof.error());
  proof->body.reset();
  return JsonResponse(EntryProofJson(*proof));
}

HttpResponse GetLedgerEntry(const Call& call) {
  const auto read = CatchUp(call.ledger->ledger());
  if (!read) return ToResponse(read.error());
  auto proof = ProofOf(call);
  if (!proof) return ToResponse(proof.error());
  HideApplication(*proof);
  return JsonResponse(EntryProofJson(*proof));
}

// ?from=INDEX: upwards, a page at a time.
HttpResponse ListLedgerEntries(const Call& call) {
  const std::string_view from = call.request.Parameter("from");
  const auto first = from.empty() ? std::optional<std::uint64_t>(0) : NumberIn(from);
  if (!first) {
    return ToResponse({400, "InvalidParameter", "from: expected the index of an entry", {}});
  }
  ledger::Ledger& ledger = call.ledger->ledger();
  const auto read = CatchUp(ledger);
  if (!read) return ToResponse(read.error());
  const std::uint64_t size = ledger.checkpoint().size;
  json::Array entries;
  std::uint64_t at = *first;
  for (; at < size && entries.size() < limits::kLedgerPage; ++at) {
    auto entry = EntryJson(ledger, at);
    if (!entry) return ToResponse(LedgerError(entry.error()));
    entries.emplace_back(std::move(*entry));
  }
  json::Object out{{"entries", std::move(entries)}, {"size", size}};
  if (at < size) out.emplace_back("next", at);
  return JsonResponse(std::move(out));
}

}  // namespace assay
