#include "access/bearer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/limits.h"
#include "token/jws_verify.h"

namespace assay::access {
namespace {

tl::unexpected<Error> Invalid(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, "token: " + message, std::move(hint));
}

// A string, or a list of strings (RFC 7519 §4.1.3).
bool HoldsOneOf(const json::Value* audience, const std::vector<std::string>& wanted) {
  const auto is_wanted = [&wanted](const json::Value& value) {
    return value.AsString() != nullptr &&
           std::find(wanted.begin(), wanted.end(), *value.AsString()) != wanted.end();
  };
  if (audience == nullptr) return false;
  if (const json::Array* list = audience->AsArray()) {
    return std::any_of(list->begin(), list->end(), is_wanted);
  }
  return is_wanted(*audience);
}

// A token of another kind, of an issuer that signs several, is not for access (RFC 8725 §3.11).
Result<void> CheckType(const json::Value& header) {
  const json::Value* type = header.Find("typ");
  if (type == nullptr) return {};
  std::string text = type->AsString() != nullptr ? *type->AsString() : std::string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text.starts_with("application/")) text.erase(0, 12);
  if (text != "jwt" && text != "at+jwt") return Invalid("expected typ JWT or at+jwt");
  return {};
}

Result<void> CheckTimes(const json::Value& claims, Time now) {
  const std::int64_t at = UnixSeconds(now);
  const std::int64_t skew = limits::kClockSkew.count();
  const std::int64_t expires = TRY(claims.Int("exp", "token"));
  if (expires < at - skew) {
    return Invalid(fmt::format("expired at {}, and it is {}", FormatTime(FromUnixSeconds(expires)),
                               FormatTime(now)),
                   "ask the issuer for a new one");
  }
  if (claims.Find("nbf") == nullptr) return {};
  const std::int64_t start = TRY(claims.Int("nbf", "token"));
  if (start > at + skew) {
    return Invalid(fmt::format("not valid before {}, and it is {}",
                               FormatTime(FromUnixSeconds(start)), FormatTime(now)),
                   "compare the clocks of the issuer and of this service");
  }
  return {};
}

}  // namespace

Result<BearerClaims> BearerCheck::Check(std::string_view token, Time now) const {
  if (token.size() > limits::kBearerTokenBytes) {
    return Invalid(fmt::format("expected at most {} bytes", limits::kBearerTokenBytes));
  }
  const UnverifiedJws jws = TRY(ParseJws(token));
  const std::string claimed = jws.ClaimedIssuer();
  const auto issuer =
      std::find_if(issuers_.begin(), issuers_.end(),
                   [&claimed](const TrustedIssuer& i) { return i.rule.issuer == claimed; });
  if (issuer == issuers_.end()) return Invalid("its issuer is none that is trusted here");
  if (jws.kid().empty()) return Invalid("expected a kid in its header");
  const VerifiedJws verified = TRY(VerifyJws(jws, TRY(issuer->keys->Find(jws.kid()))));
  TRY_VOID(CheckType(verified.header()));
  json::Value claims = TRY(verified.Claims());
  if (!HoldsOneOf(claims.Find("aud"), issuer->rule.audiences)) {
    return Invalid("it is for another audience",
                   fmt::format("ask the issuer for one for {}", issuer->rule.audiences.front()));
  }
  TRY_VOID(CheckTimes(claims, now));
  std::string subject = TRY(claims.String("sub", "token"));
  return BearerClaims{claimed, std::move(subject), std::move(claims)};
}

}  // namespace assay::access
