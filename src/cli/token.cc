// assay token issue, inspect, rotate-keys
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>

#include "access/local_issuer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "server/key_files.h"
#include "server/service_ledger.h"
#include "server/token_keys.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

// The key of --issuer-key, or the one in the state folder, made with its key set at first use.
Result<SigningKey> IssuerKeyOf(const Options& options, std::string& key_set) {
  if (!options.issuer_key.empty()) return SigningKey::Load(options.issuer_key);
  std::error_code error;
  fs::create_directories(options.state_dir, error);
  if (!error) fs::permissions(options.state_dir, fs::perms::owner_all, error);
  if (error) return Fail(ErrorCode::kIo, "cannot make the state folder " + options.state_dir);
  const std::string base = options.state_dir + "/issuer";
  if (!fs::exists(base + ".key")) {
    TRY_VOID(TRY(SigningKey::Generate(KeyType::kP256)).Save(base + ".key"));
  }
  SigningKey key = TRY(SigningKey::Load(base + ".key"));
  key_set = base + ".jwks.json";
  if (!fs::exists(key_set)) {
    TRY_VOID(WriteDurably(key_set, TRY(access::LocalKeySet(key))));
    fmt::print(stderr, "made the local issuer {}; its key set is {}\n", options.issuer, key_set);
  }
  return key;
}

Result<void> RecordIssue(const Options& options, const access::LocalToken& token) {
  return RecordLocalAct(options.state_dir, "access token of " + token.subject,
                        {{"act", "issue"},
                         {"role", options.role},
                         {"audience", token.audience},
                         {"expires", FormatTime(token.now + token.lifetime)}},
                        token.now);
}

Result<json::Value> PartOf(std::string_view text) {
  const Bytes decoded = TRY(Base64UrlDecode(text));
  return json::Parse(AsText(decoded));
}

}  // namespace

Result<int> RunTokenIssue(const Options& options) {
  std::string key_set;
  const SigningKey key = TRY(IssuerKeyOf(options, key_set));
  access::LocalToken token;
  token.issuer = options.issuer;
  token.subject = options.subject;
  token.role = TRY(access::RoleOf(options.role));
  token.audience = options.audience;
  token.now = TRY(TimeOf(options));
  token.lifetime = std::chrono::minutes(options.minutes);
  const std::string text = TRY(access::IssueLocalToken(key, token));
  // A key from elsewhere is no act of this state folder.
  if (options.issuer_key.empty()) TRY_VOID(RecordIssue(options, token));
  if (!options.json) {
    fmt::print("{}\n", text);
    return 0;
  }
  json::Object out{{"token", text},
                   {"issuer", token.issuer},
                   {"subject", token.subject},
                   {"role", options.role},
                   {"expires", FormatTime(token.now + token.lifetime)}};
  if (!key_set.empty()) out.emplace_back("jwks", key_set);
  fmt::print("{}\n", json::WritePretty(out));
  return 0;
}

Result<int> RunTokenInspect(const Options& options) {
  const std::string text = TRY(ReadToken(options.file));
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) {
    return Fail(ErrorCode::kMalformed, "token: expected three parts with a dot between them");
  }
  json::Value header = TRY(PartOf(std::string_view(text).substr(0, first)));
  json::Value claims = TRY(PartOf(std::string_view(text).substr(first + 1, second - first - 1)));
  json::Object out{
      {"verified", false}, {"header", std::move(header)}, {"claims", std::move(claims)}};
  for (const auto& [name, label] : {std::pair{"nbf", "notBefore"}, std::pair{"exp", "expires"}}) {
    const json::Value* claim = out[2].second.Find(name);
    if (claim == nullptr || claim->AsInt() == nullptr) continue;
    const std::int64_t seconds = *claim->AsInt();
    // Years 1970 to 9999, which FormatTime writes.
    if (seconds >= 0 && seconds <= 253'402'300'799) {
      out.emplace_back(label, FormatTime(FromUnixSeconds(seconds)));
    }
  }
  fmt::print("{}\n", json::WritePretty(out));
  return 0;
}

Result<int> RunTokenRotateKeys(const Options& options) {
  RotationRequest request;
  if (options.token_alg == "ES256") request.algorithm = TokenAlgorithm::kEs256;
  request.now = TRY(TimeOf(options));
  request.compromised = options.compromised;
  request.lead = std::chrono::minutes(options.lead_minutes);
  const Rotation rotation = TRY(RotateTokenKeys(options.state_dir, request));
  TRY_VOID(RecordLocalAct(
      options.state_dir, "token keys",
      {{"act", "rotate"}, {"compromised", request.compromised}, {"kid", rotation.kid}},
      request.now));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{
                           {"kid", rotation.kid},
                           {"signsFrom", FormatTime(rotation.signs_from)},
                           {"oldPublishedUntil", FormatTime(rotation.old_published_until)}}));
    return 0;
  }
  fmt::print("new key      {}\nsigns from   {}\nold key      published until {}\n", rotation.kid,
             FormatTime(rotation.signs_from), FormatTime(rotation.old_published_until));
  fmt::print("Send SIGHUP to a running service now: it publishes the new key from then on.\n");
  return 0;
}

}  // namespace assay::cli
