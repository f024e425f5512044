#include "access/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "crypto/certificate.h"
#include "net/http_client.h"

namespace assay::access {

struct Gate::Rules {
  AccessFile file;
  BearerCheck bearer;
};

namespace {

using Allowed = tl::expected<Principal, Refusal>;

tl::unexpected<Refusal> Forbidden(std::string message) {
  return tl::unexpected(Refusal{403, "Forbidden", std::move(message), {}});
}

// As Azure's services ask for a token (authorization and resource, which its SDKs read), with the
// error code of RFC 6750 §3.1. The text of an issuer or audience cannot end the quotes: it comes
// from the access file, and quotes and backslashes are left out.
std::string Challenge(const BearerCheck& bearer, std::string_view error) {
  const auto quoted = [](std::string text) {
    std::erase_if(text, [](char c) { return c == '"' || c == '\\' || c < ' '; });
    return text;
  };
  if (bearer.issuers().empty()) return "Bearer";
  const IssuerRule& first = bearer.issuers().front().rule;
  std::string out = fmt::format(R"(Bearer authorization="{}", resource="{}")", quoted(first.issuer),
                                quoted(first.audiences.front()));
  if (!error.empty()) out += fmt::format(R"(, error="{}")", error);
  return out;
}

tl::unexpected<Refusal> Unauthorized(const BearerCheck& bearer, std::string message,
                                     std::string_view error) {
  return tl::unexpected(Refusal{401, "Unauthorized", std::move(message), Challenge(bearer, error)});
}

// The token of "Bearer TOKEN" (RFC 6750 §2.1; the scheme's case does not matter, RFC 9110 §11.1).
std::optional<std::string_view> TokenOf(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(header[i])) != kScheme[i]) return std::nullopt;
  }
  return header.substr(kScheme.size());
}

// A request with two credentials is not one whose credential is the first.
std::size_t CountAuthorization(const HttpRequest& request) {
  constexpr std::string_view kName = "authorization";
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(), [&](const auto& header) {
        return header.first.size() == kName.size() &&
               std::equal(kName.begin(), kName.end(), header.first.begin(), [](char a, char b) {
                 return a == std::tolower(static_cast<unsigned char>(b));
               });
      }));
}

tl::expected<BearerClaims, Refusal> Authenticate(const BearerCheck& bearer,
                                                 const HttpRequest& request, Time now) {
  const std::size_t count = CountAuthorization(request);
  if (count == 0) {
    return Unauthorized(bearer, "expected a bearer token in the Authorization header, found none",
                        {});
  }
  if (count > 1) {
    return Unauthorized(bearer, "expected one Authorization header, found several",
                        "invalid_request");
  }
  const auto token = TokenOf(request.Header("Authorization"));
  if (!token) {
    return Unauthorized(bearer, "Authorization: expected \"Bearer\" and a token",
                        "invalid_request");
  }
  Result<BearerClaims> claims = bearer.Check(*token, now);
  if (claims) return std::move(*claims);
  std::string message = claims.error().message;
  if (claims.error().code == ErrorCode::kIo) {
    // What went wrong between this service and the issuer is for its operator's log.
    return tl::unexpected(Refusal{503,
                                  "IdentityProviderUnavailable",
                                  "the keys of the token's issuer cannot be had now; try again",
                                  {}});
  }
  if (!claims.error().hint.empty()) message += "; " + claims.error().hint;
  return Unauthorized(bearer, std::move(message), "invalid_token");
}

bool Matches(const Grant& grant, const BearerClaims& bearer) {
  if (grant.issuer != bearer.issuer) return false;
  const json::Value* claim = bearer.claims.Find(grant.claim);
  if (claim == nullptr) return false;
  const auto equal = [&grant](const json::Value& value) {
    return value.AsString() != nullptr && *value.AsString() == grant.value;
  };
  if (const json::Array* list = claim->AsArray()) {
    return std::any_of(list->begin(), list->end(), equal);
  }
  return equal(*claim);
}

std::vector<Role> RolesAt(const AccessFile& file, std::string_view provider,
                          const BearerClaims& bearer) {
  std::vector<Role> out;
  for (const std::string_view name : {provider, std::string_view("*")}) {
    const auto rule = file.providers.find(name);
    if (rule == file.providers.end()) continue;
    for (const Grant& grant : rule->second.grants) {
      if (Matches(grant, bearer)) out.push_back(grant.role);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The least that may do it; what includes it may, too.
Role NeededFor(Action action) {
  switch (action) {
    case Action::kPublic: return Role::kNone;
    case Action::kAttest:
    case Action::kRead: return Role::kReader;
    case Action::kWritePolicy:
    case Action::kManageMachines:
    case Action::kManageCertificates: return Role::kContributor;
    case Action::kManageProvider: return Role::kAdmin;
    case Action::kReadKeys: return Role::kKeyReader;
    case Action::kUseKeys: return Role::kCryptoUser;
    case Action::kManageKeys: return Role::kCryptoOfficer;
    case Action::kReleaseKeys: return Role::kCryptoReleaseUser;
    case Action::kUseLedger: return Role::kLedgerReader;
  }
  return Role::kAdmin;
}

bool Permits(Role role, Action action) {
  const Role needed = NeededFor(action);
  const bool of_ledger = needed >= Role::kLedgerReader;
  if (of_ledger || role >= Role::kLedgerReader) return of_ledger && role >= needed;
  const bool of_keys = needed >= Role::kKeyReader;
  if (of_keys != (role >= Role::kKeyReader)) return false;
  if (role == Role::kCryptoOfficer) return true;
  // Releasing is a right of its own, and gives no other.
  if (role == Role::kCryptoReleaseUser || needed == Role::kCryptoReleaseUser) return role == needed;
  return role >= needed;
}

std::string NamesOf(const std::vector<Role>& roles) {
  std::string out;
  for (const Role role : roles) {
    out += out.empty() ? "" : ", ";
    out += Name(role);
  }
  return out.empty() ? "no role there" : out;
}

Allowed ByCertificate(const AccessFile& file, const HttpRequest& request, Time now) {
  if (request.client_certificate.empty()) {
    return Forbidden(request.client_certificate_fault.empty()
                         ? "expected a TLS client certificate, found none"
                         : "the TLS client certificate is not accepted: " +
                               request.client_certificate_fault);
  }
  const auto leaf = Certificate::FromDer(request.client_certificate);
  if (!leaf) return Forbidden("the TLS client certificate cannot be read");
  // It was valid at the handshake, and a connection may live longer.
  if (!(*leaf)->ValidAt(now)) return Forbidden("the TLS client certificate has expired");
  const std::string& subject = (*leaf)->subject_cn();
  const auto& allowed = file.client_subjects;
  if (std::find(allowed.begin(), allowed.end(), subject) == allowed.end()) {
    return Forbidden("the TLS client certificate's common name is none that may attest here");
  }
  return Principal{"certificate", {}, subject, Role::kNone};
}

// It is enough to be known: the ledger has users of its own. `roles` ascend.
Principal LedgerCaller(const AccessFile& file, const BearerClaims& bearer,
                       const std::vector<Role>& roles) {
  Principal out{"token", bearer.issuer, bearer.subject, Role::kNone};
  if (!roles.empty() && Permits(roles.back(), Action::kUseLedger)) out.role = roles.back();
  if (bearer.issuer != file.ledger_issuer) return out;
  const json::Value* const object = bearer.claims.Find("oid");
  const bool has_object = object != nullptr && object->AsString() != nullptr;
  out.ledger_user = has_object ? *object->AsString() : bearer.subject;
  return out;
}

Result<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, "cannot read the key set " + path);
  std::string text(limits::kJwksBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::kJwksBytes) return Fail(ErrorCode::kMalformed, path + " is too large");
  return text;
}

}  // namespace

std::string_view Name(Action action) {
  switch (action) {
    case Action::kPublic: return "public";
    case Action::kAttest: return "attest";
    case Action::kRead: return "read";
    case Action::kWritePolicy: return "write_policy";
    case Action::kManageMachines: return "manage_machines";
    case Action::kManageCertificates: return "manage_certificates";
    case Action::kManageProvider: return "manage_provider";
    case Action::kReadKeys: return "read_keys";
    case Action::kUseKeys: return "use_keys";
    case Action::kManageKeys: return "manage_keys";
    case Action::kReleaseKeys: return "release_keys";
    case Action::kUseLedger: return "use_ledger";
  }
  return "unknown";
}

Result<std::vector<TrustedIssuer>> OpenIssuers(const std::vector<IssuerRule>& rules,
                                               const KeySources& sources) {
  std::vector<TrustedIssuer> out;
  for (const IssuerRule& rule : rules) {
    std::shared_ptr<IssuerKeys> keys;
    if (rule.jwks.empty()) {
      keys = std::make_shared<DiscoveredKeys>(rule, sources.fetch(rule), sources.steady_clock);
    } else {
      Result<std::vector<VerificationKey>> pinned = ParseJwks(TRY(ReadSmallFile(rule.jwks)));
      if (!pinned) return Fail(pinned.error().code, rule.jwks + ": " + pinned.error().message);
      keys = std::make_shared<PinnedKeys>(std::move(*pinned));
    }
    out.push_back({rule, std::move(keys)});
  }
  return out;
}

KeySources NetworkKeySources() {
  KeySources out;
  out.steady_clock = [] { return std::chrono::steady_clock::now(); };
  out.fetch = [](const IssuerRule& rule) -> FetchText {
    HttpClientOptions options;
    options.connect_timeout = limits::kIssuerConnectTimeout;
    options.total_timeout = limits::kIssuerTimeout;
    options.body_bytes = limits::kJwksBytes;
    options.ca_file = rule.ca_file;
    return [client = HttpClient(options)](const std::string& url) -> Result<std::string> {
      const HttpClientResponse response = TRY(client.Get(url));
      if (response.status != 200) {
        return Fail(ErrorCode::kIo,
                    fmt::format("GET {}: expected status 200, found {}", url, response.status));
      }
      return std::string(AsText(response.body));
    };
  };
  return out;
}

Gate::Gate(AccessFile file, std::vector<TrustedIssuer> issuers, GateOptions options)
    : options_(std::move(options)) {
  Replace(std::move(file), std::move(issuers));
}

void Gate::Replace(AccessFile file, std::vector<TrustedIssuer> issuers) {
  auto fresh =
      std::make_shared<const Rules>(Rules{std::move(file), BearerCheck(std::move(issuers))});
  const std::lock_guard lock(mutex_);
  rules_ = std::move(fresh);
}

std::shared_ptr<const Gate::Rules> Gate::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

Allowed Gate::Check(std::string_view provider, Action action, const HttpRequest& request) const {
  if (action == Action::kPublic) return Principal{"anonymous", {}, {}, Role::kNone};
  const std::shared_ptr<const Rules> rules = this->rules();
  if (action == Action::kAttest) {
    switch (rules->file.AttestModeOf(provider)) {
      case AttestMode::kOpen: return Principal{"anonymous", {}, {}, Role::kNone};
      case AttestMode::kClientCertificate:
        return ByCertificate(rules->file, request, options_.clock());
      case AttestMode::kDenied: return Forbidden("nobody may attest here");
      case AttestMode::kAuthenticated: break;
    }
  } else if (options_.open_management) {
    return Principal{"anonymous", {}, {}, Role::kAdmin};
  }
  // The attestation token in the request is what the key's policy judges.
  if (action == Action::kReleaseKeys && rules->file.key_release.open_to_callers) {
    return Principal{"anonymous", {}, {}, Role::kCryptoReleaseUser};
  }
  if (rules->bearer.issuers().empty()) {
    return Unauthorized(rules->bearer,
                        "this is closed: the service knows no issuer of bearer tokens; "
                        "`assay serve --access FILE` names them and who may do what",
                        {});
  }
  const auto bearer = Authenticate(rules->bearer, request, options_.clock());
  if (!bearer) return tl::unexpected(bearer.error());
  const std::vector<Role> roles = RolesAt(rules->file, provider, *bearer);
  if (action == Action::kUseLedger) return LedgerCaller(rules->file, *bearer, roles);
  const auto permitting = std::find_if(roles.begin(), roles.end(),
                                       [action](Role role) { return Permits(role, action); });
  // To attest, it is enough to be known.
  if (action != Action::kAttest && permitting == roles.end()) {
    return Forbidden(fmt::format("{} needs the role {} at this provider; this token has {}",
                                 Name(action), Name(NeededFor(action)), NamesOf(roles)));
  }
  const Role role = permitting != roles.end() ? *permitting : Role::kNone;
  return Principal{"token", bearer->issuer, bearer->subject, role};
}

}  // namespace assay::access
