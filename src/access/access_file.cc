#include "access/access_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>

#include "base/json.h"
#include "base/limits.h"

namespace assay::access {
namespace {

tl::unexpected<Error> Wrong(std::string_view where, std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("access file: {}: {}", where, what));
}

// An object with no members but these: a misspelt one would silently mean nothing.
Result<const json::Object*> ObjectOf(const json::Value& value, std::string_view where,
                                     std::initializer_list<std::string_view> known) {
  const json::Object* object = value.AsObject();
  if (object == nullptr) return Wrong(where, "expected an object");
  for (const auto& [name, member] : *object) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Wrong(where,
                   fmt::format("\"{}\" is no member; known are {}", name, fmt::join(known, ", ")));
    }
  }
  return object;
}

Result<std::string> Text(const json::Value& value, std::string_view name, std::string_view where) {
  const json::Value* member = value.Find(name);
  if (member == nullptr || member->AsString() == nullptr || member->AsString()->empty()) {
    return Wrong(where, fmt::format("\"{}\" must be a string that is not empty", name));
  }
  return *member->AsString();
}

Result<std::string> OptionalText(const json::Value& value, std::string_view name,
                                 std::string_view where) {
  if (value.Find(name) == nullptr) return std::string();
  return Text(value, name, where);
}

Result<std::vector<std::string>> Texts(const json::Value& value, std::string_view name,
                                       std::string_view where) {
  const json::Value* member = value.Find(name);
  const json::Array* list = member != nullptr ? member->AsArray() : nullptr;
  if (list == nullptr || list->empty()) {
    return Wrong(where, fmt::format("\"{}\" must be a list that is not empty", name));
  }
  std::vector<std::string> out;
  for (const json::Value& item : *list) {
    if (item.AsString() == nullptr || item.AsString()->empty()) {
      return Wrong(where, fmt::format("\"{}\" must hold strings that are not empty", name));
    }
    out.push_back(*item.AsString());
  }
  return out;
}

Result<std::string> PathOf(const json::Value& value, std::string_view name, std::string_view where,
                           const std::string& folder) {
  const std::string given = TRY(OptionalText(value, name, where));
  if (given.empty()) return given;
  return (std::filesystem::path(folder) / given).string();
}

// How the keys of an issuer are found, whatever its tokens are for.
Result<IssuerRule> ParseKeysOfIssuer(const json::Value& value, const std::string& folder,
                                     std::string_view where) {
  IssuerRule out;
  out.issuer = TRY(Text(value, "issuer", where));
  out.jwks = TRY(PathOf(value, "jwks", out.issuer, folder));
  out.discovery = TRY(OptionalText(value, "discovery", out.issuer));
  out.ca_file = TRY(PathOf(value, "caFile", out.issuer, folder));
  if (!out.jwks.empty()) {
    if (!out.discovery.empty())
      return Wrong(out.issuer, "give \"jwks\" or \"discovery\", not both");
    return out;
  }
  if (out.discovery.empty()) {
    // OpenID Connect Discovery 1.0 §4: a slash at the end of the issuer is removed.
    std::string base = out.issuer;
    if (base.ends_with('/')) base.pop_back();
    out.discovery = base + "/.well-known/openid-configuration";
  }
  if (!out.discovery.starts_with("https://")) {
    return Wrong(out.issuer, "its keys can only be found over https; give \"jwks\" for a file");
  }
  return out;
}

Result<void> AddOnce(IssuerRule rule, std::string_view where, std::vector<IssuerRule>& out) {
  for (const IssuerRule& other : out) {
    if (other.issuer == rule.issuer) return Wrong(where, rule.issuer + " stands twice");
  }
  out.push_back(std::move(rule));
  return {};
}

Result<std::vector<IssuerRule>> ParseIssuers(const json::Value& list, const std::string& folder) {
  if (list.AsArray() == nullptr) return Wrong("issuers", "expected a list");
  std::vector<IssuerRule> out;
  for (const json::Value& item : *list.AsArray()) {
    TRY(ObjectOf(item, "issuers", {"issuer", "audiences", "jwks", "discovery", "caFile"}));
    IssuerRule rule = TRY(ParseKeysOfIssuer(item, folder, "issuers"));
    rule.audiences = TRY(Texts(item, "audiences", rule.issuer));
    TRY_VOID(AddOnce(std::move(rule), "issuers", out));
  }
  return out;
}

Result<KeyReleaseRule> ParseKeyRelease(const json::Value& value, const std::string& folder) {
  const std::string_view where = "keyRelease";
  TRY(ObjectOf(value, where, {"authorities", "audiences", "clockSkewSeconds", "callers"}));
  KeyReleaseRule out;
  if (const json::Value* list = value.Find("authorities")) {
    if (list->AsArray() == nullptr) return Wrong(where, "\"authorities\" must be a list");
    for (const json::Value& item : *list->AsArray()) {
      TRY(ObjectOf(item, "keyRelease.authorities", {"issuer", "jwks", "discovery", "caFile"}));
      IssuerRule rule = TRY(ParseKeysOfIssuer(item, folder, "keyRelease.authorities"));
      // As release policies name it: one slash at the end counts for none.
      if (rule.issuer.ends_with('/')) rule.issuer.pop_back();
      TRY_VOID(AddOnce(std::move(rule), "keyRelease.authorities", out.authorities));
    }
  }
  if (const json::Value* audiences = value.Find("audiences")) {
    const bool none = audiences->AsArray() != nullptr && audiences->AsArray()->empty();
    if (!none) out.audiences = TRY(Texts(value, "audiences", where));
  }
  const std::string callers = TRY(OptionalText(value, "callers", where));
  if (!callers.empty() && callers != "role" && callers != "open") {
    return Wrong(where, "\"callers\" must be role or open");
  }
  out.open_to_callers = callers == "open";
  if (const json::Value* skew = value.Find("clockSkewSeconds")) {
    const std::int64_t most = limits::kReleaseLongestSkew.count();
    if (skew->AsInt() == nullptr || *skew->AsInt() < 0 || *skew->AsInt() > most) {
      return Wrong(where, fmt::format("\"clockSkewSeconds\" must be 0 to {}", most));
    }
    out.clock_skew = std::chrono::seconds{*skew->AsInt()};
  }
  return out;
}

Result<AttestMode> ModeOf(const std::string& text, std::string_view where) {
  if (text == "denied") return AttestMode::kDenied;
  if (text == "open") return AttestMode::kOpen;
  if (text == "authenticated") return AttestMode::kAuthenticated;
  if (text == "client-certificate") return AttestMode::kClientCertificate;
  return Wrong(where, "\"attest\" must be denied, open, authenticated or client-certificate");
}

Result<Grant> ParseGrant(const json::Value& value, std::string_view where) {
  TRY(ObjectOf(value, where, {"role", "issuer", "claim", "value"}));
  Grant out;
  out.role = TRY(RoleOf(TRY(Text(value, "role", where))));
  out.issuer = TRY(Text(value, "issuer", where));
  out.claim = TRY(Text(value, "claim", where));
  out.value = TRY(Text(value, "value", where));
  return out;
}

Result<ProviderRule> ParseProvider(const std::string& name, const json::Value& value) {
  const std::string where = "providers." + name;
  TRY(ObjectOf(value, where, {"attest", "grants"}));
  ProviderRule out;
  if (value.Find("attest") != nullptr) {
    out.attest = TRY(ModeOf(TRY(Text(value, "attest", where)), where));
    out.states_attest = true;
  }
  const json::Value* grants = value.Find("grants");
  if (grants == nullptr) return out;
  if (grants->AsArray() == nullptr) return Wrong(where, "\"grants\" must be a list");
  for (const json::Value& grant : *grants->AsArray()) {
    out.grants.push_back(TRY(ParseGrant(grant, where + ".grants")));
  }
  return out;
}

Result<void> ParseClients(const json::Value& value, const std::string& folder, AccessFile& out) {
  const std::string_view where = "clientCertificates";
  TRY(ObjectOf(value, where, {"ca", "subjects"}));
  TRY(Text(value, "ca", where));
  out.client_ca = TRY(PathOf(value, "ca", where, folder));
  out.client_subjects = TRY(Texts(value, "subjects", where));
  return {};
}

// What one part says of another has to be there.
Result<void> CheckWhole(const AccessFile& file) {
  const auto known = [&file](const std::string& issuer) {
    return std::any_of(file.issuers.begin(), file.issuers.end(),
                       [&](const auto& one) { return one.issuer == issuer; });
  };
  if (!file.ledger_issuer.empty() && !known(file.ledger_issuer)) {
    return Wrong("ledger", fmt::format("\"{}\" is none of \"issuers\"", file.ledger_issuer));
  }
  for (const auto& [name, rule] : file.providers) {
    if (rule.attest == AttestMode::kClientCertificate && file.client_ca.empty()) {
      return Wrong("providers." + name, "client-certificate needs \"clientCertificates\"");
    }
    if (rule.attest == AttestMode::kAuthenticated && file.issuers.empty()) {
      return Wrong("providers." + name, "authenticated needs \"issuers\"");
    }
    for (const Grant& grant : rule.grants) {
      if (!known(grant.issuer)) {
        return Wrong(
            "providers." + name,
            fmt::format("a grant names \"{}\", which is none of \"issuers\"", grant.issuer));
      }
    }
  }
  return {};
}

}  // namespace

std::string_view Name(Role role) {
  switch (role) {
    case Role::kNone: return "none";
    case Role::kReader: return "reader";
    case Role::kContributor: return "contributor";
    case Role::kAdmin: return "admin";
    case Role::kKeyReader: return "key-reader";
    case Role::kCryptoUser: return "crypto-user";
    case Role::kCryptoOfficer: return "crypto-officer";
    case Role::kCryptoReleaseUser: return "crypto-release-user";
    case Role::kLedgerReader: return "ledger-reader";
    case Role::kLedgerContributor: return "ledger-contributor";
    case Role::kLedgerAdministrator: return "ledger-administrator";
  }
  return "none";
}

Result<Role> RoleOf(std::string_view name) {
  for (const Role role :
       {Role::kReader, Role::kContributor, Role::kAdmin, Role::kKeyReader, Role::kCryptoUser,
        Role::kCryptoOfficer, Role::kCryptoReleaseUser, Role::kLedgerReader,
        Role::kLedgerContributor, Role::kLedgerAdministrator}) {
    if (Name(role) == name) return role;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("role: expected reader, contributor, admin, key-reader, crypto-user, "
                          "crypto-officer, crypto-release-user, ledger-reader, ledger-contributor "
                          "or ledger-administrator, found {}",
                          name));
}

AttestMode AccessFile::AttestModeOf(std::string_view provider) const {
  for (const std::string_view name : {provider, std::string_view("*")}) {
    const auto found = providers.find(name);
    if (found != providers.end() && found->second.states_attest) return found->second.attest;
  }
  return AttestMode::kDenied;
}

Result<AccessFile> ParseAccessFile(std::string_view text, const std::string& folder) {
  const json::Value root = TRY(json::Parse(text));
  TRY(ObjectOf(root, "top level",
               {"issuers", "providers", "clientCertificates", "keyRelease", "ledger"}));
  AccessFile out;
  if (const json::Value* issuers = root.Find("issuers")) {
    out.issuers = TRY(ParseIssuers(*issuers, folder));
  }
  if (const json::Value* providers = root.Find("providers")) {
    if (providers->AsObject() == nullptr) return Wrong("providers", "expected an object");
    for (const auto& [name, rule] : *providers->AsObject()) {
      out.providers.emplace(name, TRY(ParseProvider(name, rule)));
    }
  }
  if (const json::Value* clients = root.Find("clientCertificates")) {
    TRY_VOID(ParseClients(*clients, folder, out));
  }
  if (const json::Value* release = root.Find("keyRelease")) {
    out.key_release = TRY(ParseKeyRelease(*release, folder));
  }
  if (const json::Value* ledger = root.Find("ledger")) {
    TRY(ObjectOf(*ledger, "ledger", {"issuer"}));
    out.ledger_issuer = TRY(Text(*ledger, "issuer", "ledger"));
  }
  TRY_VOID(CheckWhole(out));
  return out;
}

Result<AccessFile> LoadAccessFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, "cannot read the access file " + path);
  std::string text(limits::kAccessFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::kAccessFileBytes) {
    return Wrong(path, fmt::format("expected at most {} bytes", limits::kAccessFileBytes));
  }
  return ParseAccessFile(text, std::filesystem::path(path).parent_path().string());
}

AccessFile OpenAttestationOnly() {
  AccessFile out;
  out.providers["*"] = {true, AttestMode::kOpen, {}};
  return out;
}

}  // namespace assay::access
