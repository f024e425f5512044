#include "ledger/ledger_user.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/cbor.h"
#include "base/limits.h"

namespace assay::ledger {
namespace {

constexpr std::array<std::string_view, 4> kRoleNames = {"", "Reader", "Contributor",
                                                        "Administrator"};
// What the subjects of records of users begin with.
constexpr std::string_view kUserSubject = "ledger user ";

Result<void> CheckUser(const LedgerUser& user) {
  if (!IsLedgerUserId(user.id)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("ledger user: expected an id of 1 to {} letters, digits and \"-._:@\"",
                            limits::kLedgerUserBytes));
  }
  if (std::adjacent_find(user.roles.begin(), user.roles.end(), std::greater_equal<>()) !=
      user.roles.end()) {
    return Fail(ErrorCode::kInvalidArgument, "ledger user: the roles do not ascend");
  }
  return {};
}

}  // namespace

std::string_view Name(LedgerRole role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<LedgerRole> LedgerRoleOf(std::string_view name) {
  for (std::size_t i = 1; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<LedgerRole>(i);
  }
  return std::nullopt;
}

std::optional<LedgerRole> LedgerUser::Strongest() const {
  return roles.empty() ? std::nullopt : std::optional(roles.back());
}

bool IsLedgerUserId(std::string_view id) {
  return !id.empty() && id.size() <= limits::kLedgerUserBytes &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-._:@").find(c) != std::string_view::npos;
         });
}

Result<Bytes> EncodeLedgerUser(const LedgerUser& user) {
  TRY_VOID(CheckUser(user));
  CborWriter out;
  out.Array(2).Text(user.id).Array(user.roles.size());
  for (const LedgerRole role : user.roles) out.Unsigned(static_cast<std::uint64_t>(role));
  return out.Take();
}

Result<LedgerUser> DecodeLedgerUser(View bytes) {
  CborReader reader(bytes, "ledger user");
  TRY_VOID(reader.ArrayOf("user", 2));
  LedgerUser out;
  out.id = TRY(reader.Text("id", limits::kLedgerUserBytes));
  const std::size_t roles = TRY(reader.Array("roles", limits::kLedgerRoles));
  for (std::size_t i = 0; i < roles; ++i) {
    const std::uint64_t role = TRY(reader.Unsigned("role"));
    if (role == 0 || role >= kRoleNames.size()) {
      return Fail(ErrorCode::kMalformed, fmt::format("ledger user: there is no role {}", role));
    }
    out.roles.push_back(static_cast<LedgerRole>(role));
  }
  TRY_VOID(reader.ExpectEnd());
  TRY_VOID(CheckUser(out));
  return out;
}

Record UserRecord(const LedgerUser& user, std::string actor, Time time) {
  Record out;
  out.kind = RecordKind::kAdministration;
  out.time = time;
  out.subject = std::string(kUserSubject) + user.id;
  out.actor = std::move(actor);
  for (const LedgerRole role : user.roles) {
    out.detail += (out.detail.empty() ? "" : ", ") + std::string(Name(role));
  }
  return out;
}

std::optional<LedgerUser> UserOf(const Record& record) {
  if (record.kind != RecordKind::kAdministration) return std::nullopt;
  if (!record.subject.starts_with(kUserSubject)) return std::nullopt;
  LedgerUser out;
  out.id = record.subject.substr(kUserSubject.size());
  for (std::string_view rest = record.detail; !rest.empty();) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    const auto role = LedgerRoleOf(rest.substr(0, end));
    if (!role) return std::nullopt;
    out.roles.push_back(*role);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return CheckUser(out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace assay::ledger
