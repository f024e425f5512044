// Users of the ledger. /app/users knows one role of each, the strongest; /app/ledgerUsers all.
#include <fmt/format.h>

#include <algorithm>

#include "api/azure_ledger_resources.h"
#include "api/machine_json.h"
#include "base/limits.h"

namespace assay {
namespace {

using ledger::LedgerRole;
using ledger::LedgerUser;

using UserJson = json::Object (*)(const LedgerUser&);

json::Object WithRole(const LedgerUser& user) {
  return {{"assignedRole", Name(user.Strongest().value_or(LedgerRole::kReader))},
          {"userId", user.id}};
}

json::Object WithRoles(const LedgerUser& user) {
  json::Array roles;
  for (const LedgerRole role : user.roles) roles.emplace_back(Name(role));
  return {{"assignedRoles", std::move(roles)}, {"userId", user.id}};
}

Result<LedgerRole> RoleFrom(const std::string* name) {
  const auto role = name != nullptr ? ledger::LedgerRoleOf(*name) : std::nullopt;
  if (role) return *role;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("role: expected Reader, Contributor or Administrator, found {}",
                          name != nullptr ? name->substr(0, 64) : "no string"));
}

Result<std::vector<LedgerRole>> OneRole(const json::Value& body) {
  const json::Value* const role = body.Find("assignedRole");
  const LedgerRole out = TRY(RoleFrom(role != nullptr ? role->AsString() : nullptr));
  return std::vector<LedgerRole>{out};
}

Result<std::vector<LedgerRole>> SeveralRoles(const json::Value& body) {
  const json::Array* const list = TRY(body.List("assignedRoles", "the user"));
  std::vector<LedgerRole> out;
  for (const json::Value& one : *list) out.push_back(TRY(RoleFrom(one.AsString())));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (!out.empty()) return out;
  return Fail(ErrorCode::kInvalidArgument, "assignedRoles: expected one role or more",
              "DELETE takes a user away");
}

Result<LedgerUser> KnownUser(const LedgerCall& call) {
  const std::string id = NormalUserId(call.parameter);
  auto user = TRY(call.service.ledger.applications().User(id));
  if (user) return std::move(*user);
  return Fail(ErrorCode::kMissing,
              fmt::format("the ledger has no user \"{}\"", call.parameter.substr(0, 128)));
}

// The id as the caller writes it, who looks for it in the answer.
HttpResponse AnswerUser(const LedgerCall& call, Result<LedgerUser> user, UserJson write,
                        std::optional<std::uint64_t> index = std::nullopt) {
  if (!user) return LedgerFailure(call.service, user.error());
  user->id = call.parameter;
  return LedgerResponse(call, write(*user), index);
}

HttpResponse Patch(const LedgerCall& call,
                   Result<std::vector<LedgerRole>> (*read)(const json::Value&), UserJson write) {
  const auto body = BodyOf(call.request);
  if (!body) return LedgerFailure(call.service, body.error());
  auto roles = read(*body);
  if (!roles) return LedgerFailure(call.service, roles.error());
  LedgerUser user{NormalUserId(call.parameter), std::move(*roles)};
  const auto index = call.service.ledger.SetUser(user, call.caller.name, call.service.clock());
  if (!index) return LedgerFailure(call.service, index.error());
  return AnswerUser(call, std::move(user), write, *index);
}

HttpResponse ListUsers(const LedgerCall& call, UserJson write) {
  const auto after = LedgerParameter(call.request, "after");
  if (!after) return LedgerFailure(call.service, after.error());
  const auto page = call.service.ledger.applications().Users(*after, limits::kLedgerPage);
  if (!page) return LedgerFailure(call.service, page.error());
  json::Array users;
  for (const LedgerUser& one : page->items) users.emplace_back(write(one));
  json::Object out{{"ledgerUsers", std::move(users)}};
  if (!page->next.empty()) {
    out.emplace_back("nextLink", fmt::format("{}?api-version={}&after={}", call.request.path,
                                             call.request.Parameter("api-version"), page->next));
  }
  return LedgerResponse(call, std::move(out));
}

}  // namespace

HttpResponse ListUsersWithRole(const LedgerCall& call) { return ListUsers(call, WithRole); }
HttpResponse ListUsersWithRoles(const LedgerCall& call) { return ListUsers(call, WithRoles); }

HttpResponse GetUserWithRole(const LedgerCall& call) {
  return AnswerUser(call, KnownUser(call), WithRole);
}

HttpResponse GetUserWithRoles(const LedgerCall& call) {
  return AnswerUser(call, KnownUser(call), WithRoles);
}

HttpResponse PatchUserWithRole(const LedgerCall& call) { return Patch(call, OneRole, WithRole); }
HttpResponse PatchUserWithRoles(const LedgerCall& call) {
  return Patch(call, SeveralRoles, WithRoles);
}

HttpResponse DeleteLedgerUser(const LedgerCall& call) {
  auto user = KnownUser(call);
  if (!user) return LedgerFailure(call.service, user.error());
  user->roles.clear();
  const auto index = call.service.ledger.SetUser(*user, call.caller.name, call.service.clock());
  if (!index) return LedgerFailure(call.service, index.error());
  HttpResponse out = LedgerResponse(call, {}, *index);
  out.status = 204;
  out.body.clear();
  return out;
}

}  // namespace assay
