#include "release/token_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "token/jws_verify.h"

namespace assay::release {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Judged<void> CheckAlgorithm(const json::Value& header) {
  const json::Value* named = header.Find("alg");
  const std::string* name = named != nullptr ? named->AsString() : nullptr;
  if (name == nullptr) return Deny(Reason::kTokenMalformed, "token: expected alg in its header");
  const std::string lower = Lower(*name);
  if (lower == "none") {
    return Deny(Reason::kAlgorithmNone, "token: it is not signed (alg \"none\")");
  }
  if (lower.starts_with("hs")) {
    return Deny(Reason::kAlgorithmSymmetric,
                "token: its algorithm is a symmetric one, and the keys of authorities are public");
  }
  if (!JwsAlgorithmOf(*name)) {
    return Deny(Reason::kAlgorithmUnknown, "token: its algorithm is not accepted");
  }
  return {};
}

// Before anything is looked up: what no token for a release has.
Judged<void> CheckHeader(const json::Value& header) {
  for (const char* name : {"jwk", "x5u"}) {
    if (header.Find(name) != nullptr) {
      return Deny(Reason::kEmbeddedKey,
                  fmt::format("token: its header brings a key of its own ({})", name));
    }
  }
  for (const char* name : {"crit", "b64"}) {
    if (header.Find(name) != nullptr) {
      return Deny(Reason::kCriticalExtension,
                  fmt::format("token: its header has \"{}\", and no extension is known", name));
    }
  }
  if (const json::Value* type = header.Find("typ")) {
    // A signed list or message of an authority is no attestation token (RFC 8725 §3.11).
    if (type->AsString() == nullptr || Lower(*type->AsString()) != "jwt") {
      return Deny(Reason::kTokenType, "token: expected typ JWT");
    }
  }
  return CheckAlgorithm(header);
}

Judged<std::string> IssuerOf(const UnverifiedJws& jws, const ReleasePolicy& policy,
                             const AuthorityKeys& keys) {
  const std::string claimed = jws.ClaimedIssuer();
  std::string issuer(CanonicalIssuer(claimed));
  if (issuer.empty()) {
    return Deny(Reason::kNoIssuer, "token: expected a JSON object with iss as its payload");
  }
  const bool trusted = keys.Trusts(issuer);
  if (!policy.Names(issuer)) {
    return trusted ? Deny(Reason::kOtherProvider,
                          "token: it is of an authority that is trusted here, and that the key's "
                          "release policy does not name")
                   : Deny(Reason::kOtherAuthority,
                          "token: its issuer is no authority of the key's release policy");
  }
  if (!trusted) {
    return Deny(Reason::kUntrustedAuthority,
                "token: the policy names its authority, and this service does not trust it; its "
                "administrator can add it");
  }
  return issuer;
}

Judged<VerificationKey> KeyFor(const UnverifiedJws& jws, const std::string& issuer,
                               const json::Value& header, AuthorityKeys& keys) {
  if (jws.kid().empty()) return Deny(Reason::kNoKid, "token: expected kid in its header");
  Result<VerificationKey> key = keys.Find(issuer, jws.kid());
  if (!key) {
    if (key.error().code != ErrorCode::kMissing) return tl::unexpected<Stop>(key.error());
    return Deny(Reason::kUnknownKid, "token: its authority has no key of that kid");
  }
  const auto algorithm = JwsAlgorithmOf(*header.Find("alg")->AsString());
  if (std::find(key->algorithms.begin(), key->algorithms.end(), *algorithm) ==
      key->algorithms.end()) {
    return Deny(Reason::kAlgorithmOfAnotherKey,
                "token: its algorithm is not the one that its authority's key is for");
  }
  return std::move(*key);
}

Judged<void> CheckKeySet(const json::Value& header, const std::string& issuer) {
  const json::Value* jku = header.Find("jku");
  if (jku == nullptr) return {};
  const std::string* url = jku->AsString();
  if (url != nullptr && url->starts_with(issuer + "/")) return {};
  return Deny(Reason::kForeignKeySet,
              "token: the key set that its header names (jku) is not below its issuer");
}

std::optional<Time> TimeOf(const json::Value& claims, std::string_view name) {
  const json::Value* value = claims.Find(name);
  if (value == nullptr || value->AsInt() == nullptr) return std::nullopt;
  return FromUnixSeconds(*value->AsInt());
}

// The end of the year 9999, as RFC 3339 can write it: added to, it is still a time.
constexpr Time kLatest{std::chrono::seconds{253402300799}};

// The first second in which the token is refused as expired.
Judged<Time> CheckTimes(const json::Value& claims, std::chrono::seconds skew, Time now) {
  const auto expires = TimeOf(claims, "exp");
  if (!expires) return Deny(Reason::kNoExpiry, "token: expected exp, in whole seconds");
  if (*expires < now - skew) {
    return Deny(Reason::kTokenExpired, fmt::format("token: expired at {}, and it is {}",
                                                   FormatTime(*expires), FormatTime(now)));
  }
  const Time refused_from = std::min(*expires, kLatest) + skew + std::chrono::seconds{1};
  if (claims.Find("nbf") == nullptr) return refused_from;
  const auto start = TimeOf(claims, "nbf");
  if (!start) return Deny(Reason::kTokenMalformed, "token: expected nbf in whole seconds");
  if (*start > now + skew) {
    return Deny(Reason::kTokenNotYetValid, fmt::format("token: not valid before {}, and it is {}",
                                                       FormatTime(*start), FormatTime(now)));
  }
  return refused_from;
}

// A string, or a list of strings (RFC 7519 §4.1.3).
Judged<void> CheckAudience(const json::Value& claims, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return {};
  const auto is_wanted = [&wanted](const json::Value& value) {
    return value.AsString() != nullptr &&
           std::find(wanted.begin(), wanted.end(), *value.AsString()) != wanted.end();
  };
  if (const json::Value* audience = claims.Find("aud")) {
    if (is_wanted(*audience)) return {};
    const json::Array* list = audience->AsArray();
    if (list != nullptr && std::any_of(list->begin(), list->end(), is_wanted)) return {};
  }
  return Deny(Reason::kOtherAudience, "token: it is not for this service (aud)");
}

}  // namespace

Judged<CheckedToken> CheckToken(std::string_view text, const ReleasePolicy& policy,
                                AuthorityKeys& keys, const TokenRules& rules, Time now) {
  if (rules.clock_skew < std::chrono::seconds{0} ||
      rules.clock_skew > limits::kReleaseLongestSkew) {
    return tl::unexpected<Stop>(
        Error{ErrorCode::kInvalidArgument,
              fmt::format("key release: expected a clock skew of 0 to {} seconds, found {}",
                          limits::kReleaseLongestSkew.count(), rules.clock_skew.count()),
              {}});
  }
  const Result<json::Value> header = ReadUnverifiedHeader(text);
  if (!header) return Deny(Reason::kTokenMalformed, "token: " + header.error().message);
  TRY_VOID(CheckHeader(*header));
  const Result<UnverifiedJws> jws = ParseJws(text);
  if (!jws) return Deny(Reason::kTokenMalformed, "token: " + jws.error().message);
  const std::string issuer = TRY(IssuerOf(*jws, policy, keys));
  const VerificationKey key = TRY(KeyFor(*jws, issuer, *header, keys));
  const Result<VerifiedJws> verified = VerifyJws(*jws, key);
  if (!verified) return Deny(Reason::kBadSignature, "token: " + verified.error().message);
  TRY_VOID(CheckKeySet(verified->header(), issuer));
  Result<json::Value> claims = verified->Claims();
  if (!claims) return Deny(Reason::kTokenMalformed, "token: " + claims.error().message);
  const Time refused_from = TRY(CheckTimes(*claims, rules.clock_skew, now));
  TRY_VOID(CheckAudience(*claims, rules.audiences));
  return CheckedToken{issuer, key.key.SpkiDigest(), std::move(*claims), refused_from};
}

}  // namespace assay::release
