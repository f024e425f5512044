#include "api/decision_log.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace assay {
namespace {

// What a record can hold: texts come from outside, and a decision must not stay off the record
// because somebody chose a long or broken name.
void FitText(std::string& text) {
  if (!IsUtf8(text)) text = "hex:" + HexEncode(AsBytes(text));
  if (text.size() <= limits::kLedgerTextBytes) return;
  const std::string digest = HexEncode(Sha256(AsBytes(text)));
  text.resize(limits::kLedgerTextBytes - digest.size() - 16);
  while (!IsUtf8(text)) text.pop_back();
  text += "... sha256:" + digest;
}

void Fit(ledger::Record& record) {
  FitText(record.subject);
  FitText(record.actor);
  FitText(record.detail);
  if (record.failed_checks.size() > limits::kLedgerFailedChecks) {
    record.failed_checks.resize(limits::kLedgerFailedChecks);
  }
  for (std::string& one : record.failed_checks) FitText(one);
  if (record.collateral.size() <= limits::kLedgerCollateral) return;
  Bytes all;
  for (const Sha256Digest& one : record.collateral) Append(all, one);
  record.collateral = {Sha256(all)};
}

}  // namespace

json::Object PlaceJson(const LedgerPlace& place) {
  return {{"index", place.index}, {"leaf", Base64UrlEncode(place.leaf)}, {"origin", place.origin}};
}

tl::expected<LedgerPlace, ApiError> Recording::Place() {
  const auto entered = entering_.Done();
  if (!entered) return tl::unexpected(log_->NotRecorded(entered.error()));
  return LedgerPlace{log_->ledger_.verifier().name, entered->index, entered->leaf};
}

ApiError DecisionLog::NotRecorded(const Error& error) const {
  if (options_.report) options_.report(error.message);
  return {503,
          "DecisionNotRecorded",
          "the decision could not be written to the ledger, so it is not given: ask again later",
          {}};
}

ledger::Record DecisionLog::Complete(ledger::Record record) const {
  record.time = options_.clock();
  record.build = options_.build;
  record.configuration = configuration();
  return record;
}

tl::expected<Recording, ApiError> DecisionLog::Begin(ledger::Record record) const {
  Fit(record);
  auto entering = ledger_.BeginEntry(Complete(std::move(record)));
  if (!entering) return tl::unexpected(NotRecorded(entering.error()));
  return Recording(*this, std::move(*entering));
}

tl::expected<LedgerPlace, ApiError> DecisionLog::Write(ledger::Record record) const {
  return TRY(Begin(std::move(record))).Place();
}

tl::expected<LedgerPlace, ApiError> DecisionLog::WriteWhole(ledger::Record record) const {
  const auto entered = ledger_.Enter(Complete(std::move(record)));
  if (!entered) return tl::unexpected(NotRecorded(entered.error()));
  return LedgerPlace{ledger_.verifier().name, entered->index, entered->leaf};
}

void DecisionLog::SetConfiguration(const Sha256Digest& digest) {
  const std::lock_guard lock(mutex_);
  configuration_ = digest;
}

Sha256Digest DecisionLog::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

std::string ActorOf(const access::Principal& who) {
  if (who.subject.empty()) return {};
  std::string out(who.how);
  if (!who.issuer.empty()) out += " " + who.issuer;
  return out + " " + who.subject;
}

HttpResponse RecordAct(const DecisionLog* decisions, ledger::RecordKind kind,
                       const access::Principal& who, const HttpRequest& request,
                       HttpResponse answer) {
  const bool done = answer.status < 300;
  if (decisions == nullptr || (!done && answer.status != 403)) return answer;
  ledger::Record record;
  record.kind = kind;
  record.verdict = done ? ledger::RecordVerdict::kPermitted : ledger::RecordVerdict::kDenied;
  record.subject = request.path;
  record.actor = ActorOf(who);
  // No digest of a body that may hold a secret.
  if (kind != ledger::RecordKind::kKeyCreation) record.evidence = Sha256(AsBytes(request.body));
  record.detail = json::Write(json::Object{{"method", request.method}, {"status", answer.status}});
  const auto place = decisions->Write(std::move(record));
  if (!place) return ToResponse(place.error());
  answer.headers.emplace_back("x-assay-ledger-index", std::to_string(place->index));
  return answer;
}

}  // namespace assay
