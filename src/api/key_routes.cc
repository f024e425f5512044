#include "api/key_routes.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "api/decision_log.h"
#include "api/error.h"
#include "api/key_resources.h"
#include "provider/provider.h"

namespace assay {
namespace {

using KeyResource = HttpResponse (*)(const KeyCall&);
using keys::Operation;
using ledger::RecordKind;

template <Operation kOperation>
HttpResponse Operate(const KeyCall& call) {
  return PerformKeyOperation(call, kOperation);
}

struct KeyRoute {
  std::string_view method;
  std::string_view path;
  Action action;
  KeyResource resource;
  std::optional<RecordKind> record = std::nullopt;  // the act that it is, done or forbidden
};

// The version may be left out, or be empty, where it means the current one: clients write
// "/keys/NAME//encrypt", "/keys/NAME/encrypt" and "/keys/NAME/". Those without parameters come
// first.
constexpr std::array kKeyRoutes = std::to_array<KeyRoute>({
    {"POST", "/rng", Action::kUseKeys, GetRandomBytes},
    {"GET", "/keys", Action::kReadKeys, ListKeys},
    {"POST", "/keys/restore", Action::kManageKeys, RestoreKey, RecordKind::kKeyCreation},
    {"GET", "/recoveries", Action::kReadKeys, ListRecoveries},
    {"POST", "/recoveries", Action::kManageKeys, RequestRecovery, RecordKind::kAdministration},
    {"GET", "/recoveries/{recovery}", Action::kReadKeys, GetRecovery},
    {"POST", "/recoveries/{recovery}/approve", Action::kReadKeys, ApproveRecovery,
     RecordKind::kAdministration},
    {"POST", "/recoveries/{recovery}/complete", Action::kManageKeys, CompleteRecovery,
     RecordKind::kAdministration},
    {"GET", "/deletedkeys", Action::kReadKeys, ListDeletedKeys},
    {"GET", "/deletedkeys/{key-name}", Action::kReadKeys, GetDeletedKey},
    {"DELETE", "/deletedkeys/{key-name}", Action::kManageKeys, PurgeDeletedKey,
     RecordKind::kAdministration},
    {"POST", "/deletedkeys/{key-name}/recover", Action::kManageKeys, RecoverDeletedKey,
     RecordKind::kAdministration},
    {"POST", "/keys/{key-name}/create", Action::kManageKeys, CreateKey, RecordKind::kKeyCreation},
    {"POST", "/keys/{key-name}/rotate", Action::kManageKeys, RotateKey, RecordKind::kKeyCreation},
    {"POST", "/keys/{key-name}/backup", Action::kManageKeys, BackupKey,
     RecordKind::kAdministration},
    {"GET", "/keys/{key-name}/versions", Action::kReadKeys, ListKeyVersions},
    {"GET", "/keys/{key-name}/rotationpolicy", Action::kReadKeys, GetKeyRotationPolicy},
    {"PUT", "/keys/{key-name}/rotationpolicy", Action::kManageKeys, UpdateKeyRotationPolicy,
     RecordKind::kAdministration},
    {"PUT", "/keys/{key-name}", Action::kManageKeys, ImportKey, RecordKind::kKeyCreation},
    {"DELETE", "/keys/{key-name}", Action::kManageKeys, DeleteKey, RecordKind::kAdministration},
    {"POST", "/keys/{key-name}/{key-version}/encrypt", Action::kUseKeys,
     Operate<Operation::kEncrypt>},
    {"POST", "/keys/{key-name}/{key-version}/decrypt", Action::kUseKeys,
     Operate<Operation::kDecrypt>},
    {"POST", "/keys/{key-name}/{key-version}/sign", Action::kUseKeys, Operate<Operation::kSign>},
    {"POST", "/keys/{key-name}/{key-version}/verify", Action::kUseKeys,
     Operate<Operation::kVerify>},
    {"POST", "/keys/{key-name}/{key-version}/wrapkey", Action::kUseKeys,
     Operate<Operation::kWrapKey>},
    {"POST", "/keys/{key-name}/{key-version}/unwrapkey", Action::kUseKeys,
     Operate<Operation::kUnwrapKey>},
    {"POST", "/keys/{key-name}/{key-version}/release", Action::kReleaseKeys, ReleaseKey},
    {"GET", "/keys/{key-name}/{key-version}/attestation", Action::kReadKeys, GetKeyAttestation},
    {"GET", "/keys/{key-name}/{key-version}", Action::kReadKeys, GetKey},
    {"PATCH", "/keys/{key-name}/{key-version}", Action::kManageKeys, UpdateKey,
     RecordKind::kAdministration},
});

std::vector<std::string_view> SegmentsOf(std::string_view path) {
  std::vector<std::string_view> out;
  path.remove_prefix(1);  // it begins with '/'
  std::size_t slash = 0;
  while ((slash = path.find('/')) != std::string_view::npos) {
    out.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  out.push_back(path);
  return out;
}

// Clients write "wrapKey", too.
bool IsLiteral(std::string_view pattern, std::string_view segment) {
  return keys::FoldName(segment) == pattern;
}

struct KeyAddress {
  std::string_view name, version;
};

// Segments are taken as they come: names and versions have no character that could be encoded.
std::optional<KeyAddress> MatchKeyPath(const std::vector<std::string_view>& pattern,
                                       const std::vector<std::string_view>& path) {
  KeyAddress out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "{key-version}") {
      const bool left_out = path.size() - at < pattern.size() - i;
      if (!left_out && at < path.size()) out.version = path[at++];
      continue;
    }
    if (at == path.size()) return std::nullopt;
    if (pattern[i] == "{key-name}" || pattern[i] == "{recovery}") {
      out.name = path[at++];
      if (out.name.empty()) return std::nullopt;
    } else if (!IsLiteral(pattern[i], path[at++])) {
      return std::nullopt;
    }
  }
  return at == path.size() ? std::optional(out) : std::nullopt;
}

}  // namespace

bool IsKeyPath(std::string_view path) {
  return path == "/rng" || path == "/keys" || path.starts_with("/keys/") ||
         path == "/deletedkeys" || path.starts_with("/deletedkeys/") || path == "/recoveries" ||
         path.starts_with("/recoveries/");
}

HttpResponse RouteKeys(KeyService& service, const Gate& gate, const HttpRequest& request,
                       access::Principal* who) {
  const std::vector<std::string_view> path = SegmentsOf(request.path);
  std::string allowed;
  for (const KeyRoute& route : kKeyRoutes) {
    const auto address = MatchKeyPath(SegmentsOf(route.path), path);
    if (!address) continue;
    if (route.method == request.method) {
      auto principal = gate(kSharedProvider, route.action, request);
      if (!principal) return RefusalResponse(principal.error());
      if (who != nullptr) *who = *principal;
      if (const auto refusal = CheckKeyVersion(request)) return ToResponse(*refusal);
      const std::string actor = ActorOf(*principal);
      HttpResponse answer = route.resource(
          {request, service, address->name, address->version, principal->subject, actor});
      if (!route.record) return answer;
      return RecordAct(service.decisions, *route.record, *principal, request, std::move(answer));
    }
    if (allowed.find(route.method) != std::string::npos) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) return ToResponse({404, "NotFound", "there is no such resource", {}});
  HttpResponse out = ToResponse({405, "MethodNotAllowed", "expected " + allowed, {}});
  out.headers.emplace_back("Allow", allowed);
  return out;
}

}  // namespace assay
