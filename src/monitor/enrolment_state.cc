#include "monitor/enrolment_state.h"

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hmac.h"

namespace assay::monitor {
namespace {

constexpr std::string_view kWhere = "enrolment";

json::Array Texts(const std::vector<std::string>& list) {
  json::Array out;
  for (const std::string& one : list) out.emplace_back(one);
  return out;
}

json::Value ToJson(const EnrolmentState& state) {
  json::Array digests;
  for (const Bytes& one : state.enrolled.ak_certificate_digests) {
    digests.emplace_back(Base64UrlEncode(one));
  }
  json::Object out{
      {"id", state.id},
      {"expires", UnixSeconds(state.expires)},
      {"name", state.enrolled.name},
      {"ak", Base64UrlEncode(state.enrolled.ak)},
      {"ak_name", Base64UrlEncode(state.ak_name)},
      {"machine", state.enrolled.machine},
      {"route", state.enrolled.route},
      {"warnings", Texts(state.enrolled.warnings)},
      {"ak_certificates", std::move(digests)},
      {"secret_sha256", Base64UrlEncode(state.secret_digest)},
      {"nonce", Base64UrlEncode(state.nonce)},
  };
  if (const auto& digest = state.enrolled.ek_certificate_digest) {
    out.emplace_back("ek_certificate", Base64UrlEncode(*digest));
  }
  return json::Value(std::move(out));
}

Result<Bytes> Binary(const json::Value& value, std::string_view name) {
  return Base64UrlDecode(TRY(value.String(name, kWhere)));
}

Result<std::vector<std::string>> TextList(const json::Value& value, std::string_view name) {
  std::vector<std::string> out;
  for (const json::Value& one : *TRY(value.List(name, kWhere))) {
    if (one.AsString() == nullptr) return Fail(ErrorCode::kMalformed, "enrolment: not a string");
    out.push_back(*one.AsString());
  }
  return out;
}

Result<EnrolmentState> FromJson(const json::Value& value) {
  EnrolmentState out;
  out.id = TRY(value.String("id", kWhere));
  out.expires = FromUnixSeconds(TRY(value.Int("expires", kWhere)));
  out.enrolled.name = TRY(value.String("name", kWhere));
  out.enrolled.ak = TRY(Binary(value, "ak"));
  out.ak_name = TRY(Binary(value, "ak_name"));
  out.enrolled.machine = TRY(value.String("machine", kWhere));
  out.enrolled.route = TRY(value.String("route", kWhere));
  out.enrolled.warnings = TRY(TextList(value, "warnings"));
  for (const std::string& one : TRY(TextList(value, "ak_certificates"))) {
    out.enrolled.ak_certificate_digests.push_back(TRY(Base64UrlDecode(one)));
  }
  out.secret_digest = TRY(Binary(value, "secret_sha256"));
  out.nonce = TRY(Binary(value, "nonce"));
  if (value.Find("ek_certificate") != nullptr) {
    out.enrolled.ek_certificate_digest = TRY(Binary(value, "ek_certificate"));
  }
  return out;
}

}  // namespace

std::string SealState(const EnrolmentState& state, View key) {
  const std::string text = json::Write(ToJson(state));
  return Base64UrlEncode(AsBytes(text)) + "." + Base64UrlEncode(HmacSha256(key, AsBytes(text)));
}

std::optional<EnrolmentState> OpenState(std::string_view sealed, View key) {
  const std::size_t dot = sealed.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto text = Base64UrlDecode(sealed.substr(0, dot));
  const auto code = Base64UrlDecode(sealed.substr(dot + 1));
  // Nothing is read of what does not bear our code.
  if (!text || !code || !SecretEqual(HmacSha256(key, *text), *code)) return std::nullopt;
  const auto value = json::Parse(AsText(*text));
  if (!value) return std::nullopt;
  auto state = FromJson(*value);
  return state ? std::optional(std::move(*state)) : std::nullopt;
}

}  // namespace assay::monitor
