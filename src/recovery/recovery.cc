#include "recovery/recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "token/jws_verify.h"

namespace assay::recovery {
namespace {

using keys::FaultKind;
using keys::Refuse;

constexpr std::string_view kPlace = "recovery";

json::Array ApprovalsJson(const std::vector<Approval>& approvals) {
  json::Array out;
  for (const Approval& one : approvals) {
    out.emplace_back(
        json::Object{{"officer", one.officer}, {"jws", one.jws}, {"at", FormatTime(one.at)}});
  }
  return out;
}

Result<std::vector<Approval>> ApprovalsFrom(const json::Value& document) {
  std::vector<Approval> out;
  for (const json::Value& one : *TRY(document.List("approvals", kPlace))) {
    Approval approval;
    approval.officer = TRY(one.String("officer", kPlace));
    approval.jws = TRY(one.String("jws", kPlace));
    approval.at = TRY(ParseTime(TRY(one.String("at", kPlace))));
    out.push_back(std::move(approval));
  }
  return out;
}

bool IsApprovalType(const json::Value& header) {
  const json::Value* const type = header.Find("typ");
  return type != nullptr && type->AsString() != nullptr && *type->AsString() == kApprovalType;
}

}  // namespace

std::string StatementOf(const Recovery& recovery) {
  return json::Write(json::Object{{"assay-recovery", 1},
                                  {"vault", recovery.vault},
                                  {"recovery", recovery.id},
                                  {"key", recovery.key},
                                  {"version", recovery.version},
                                  {"to", recovery.to},
                                  {"reason", recovery.reason},
                                  {"requested_by", recovery.requested_by},
                                  {"requested", FormatTime(recovery.requested)},
                                  {"expires", FormatTime(recovery.expires)}});
}

keys::Outcome<const Officer*> CheckApproval(const Recovery& recovery, const Officers& officers,
                                            std::string_view jws) {
  const auto parsed = ParseJws(jws);
  if (!parsed) return Refuse(FaultKind::kBadParameter, "approval: " + parsed.error().message);
  const Officer* const officer = officers.Find(parsed->kid());
  if (officer == nullptr) {
    return Refuse(FaultKind::kForbidden,
                  fmt::format("approval: kid: \"{}\" is no officer", parsed->kid().substr(0, 64)));
  }
  VerificationKey key = officer->key;
  key.kid = officer->name;
  const auto verified = VerifyJws(*parsed, key);
  if (!verified) {
    return Refuse(FaultKind::kForbidden, fmt::format("approval: not signed by {}: {}",
                                                     officer->name, verified.error().message));
  }
  if (!IsApprovalType(verified->header())) {
    return Refuse(FaultKind::kForbidden, fmt::format("approval: typ: expected {}", kApprovalType));
  }
  if (AsText(verified->payload()) != StatementOf(recovery)) {
    return Refuse(FaultKind::kForbidden,
                  "approval: it approves another statement than this recovery's");
  }
  return officer;
}

std::size_t CountApprovals(const Recovery& recovery, const Officers& officers) {
  std::vector<std::string> counted;
  for (const Approval& one : recovery.approvals) {
    const auto officer = CheckApproval(recovery, officers, one.jws);
    if (!officer) continue;
    const std::string& name = (*officer)->name;
    if (std::find(counted.begin(), counted.end(), name) == counted.end()) counted.push_back(name);
  }
  return counted.size();
}

json::Object RecoveryJson(const Recovery& recovery) {
  const bool done = recovery.state == RecoveryState::kCompleted;
  json::Object out{{"recovery", recovery.id},
                   {"vault", recovery.vault},
                   {"key", recovery.key},
                   {"version", recovery.version},
                   {"to", recovery.to},
                   {"to_jwk", recovery.to_jwk},
                   {"reason", recovery.reason},
                   {"requested_by", recovery.requested_by},
                   {"requested", FormatTime(recovery.requested)},
                   {"expires", FormatTime(recovery.expires)},
                   {"approvals", ApprovalsJson(recovery.approvals)},
                   {"state", done ? "completed" : "open"}};
  if (done) {
    out.emplace_back("completed", FormatTime(recovery.completed));
    out.emplace_back("completed_by", recovery.completed_by);
  }
  return out;
}

Result<Recovery> RecoveryFromJson(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  Recovery out;
  out.id = TRY(document.String("recovery", kPlace));
  out.vault = TRY(document.String("vault", kPlace));
  out.key = TRY(document.String("key", kPlace));
  out.version = TRY(document.String("version", kPlace));
  out.to = TRY(document.String("to", kPlace));
  const json::Value* const jwk = document.Find("to_jwk");
  if (jwk == nullptr) return Fail(ErrorCode::kMalformed, "store: recovery: expected to_jwk");
  out.to_jwk = *jwk;
  out.reason = TRY(document.String("reason", kPlace));
  out.requested_by = TRY(document.String("requested_by", kPlace));
  out.requested = TRY(ParseTime(TRY(document.String("requested", kPlace))));
  out.expires = TRY(ParseTime(TRY(document.String("expires", kPlace))));
  out.approvals = TRY(ApprovalsFrom(document));
  if (TRY(document.String("state", kPlace)) == "completed") {
    out.state = RecoveryState::kCompleted;
    out.completed = TRY(ParseTime(TRY(document.String("completed", kPlace))));
    out.completed_by = TRY(document.String("completed_by", kPlace));
  }
  return out;
}

}  // namespace assay::recovery
