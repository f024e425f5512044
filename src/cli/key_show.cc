// `assay key create` and `assay key show`.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/key.h"
#include "crypto/digest.h"
#include "server/service_ledger.h"

namespace assay::cli {
namespace {

using keys::KeyKind;
using keys::KeyVersion;

Result<keys::KeySpec> SpecOf(const Options& options) {
  const auto type = keys::KeyTypeOf(options.key_type);
  if (!type) return Refused(type.error());
  keys::KeySpec out;
  out.kind = type->kind;
  out.hsm = type->hsm;
  out.bits = options.key_size;
  if (out.bits == 0) out.bits = out.kind == KeyKind::kOct ? 256 : 2048;
  const auto curve = keys::NamedCurveOf(options.key_curve);
  if (!curve) return Refused(curve.error());
  out.curve = *curve;
  return out;
}

// A policy says to whom the key may go: so a key with one is exportable, and no other is.
Result<keys::KeyProperties> PropertiesOf(const Options& options) {
  keys::KeyProperties out;
  if (!options.key_ops.empty()) out.operations = options.key_ops;
  if (options.release_policy.empty()) return out;
  keys::ReleasePolicy policy;
  policy.content_type = "application/json; charset=utf-8";
  policy.data = TRY(ReadFile(options.release_policy, limits::kReleasePolicyBytes));
  out.release_policy = std::move(policy);
  out.exportable = true;
  return out;
}

json::Value OptionalTimeJson(const std::optional<Time>& time) {
  return time ? json::Value(FormatTime(*time)) : json::Value();
}

json::Object ShownJson(const KeyVersion& key) {
  json::Object out = ListedJson(key);
  if (key.kind == KeyKind::kEc) {
    out.emplace_back("crv", keys::Name(key.ec.curve));
    out.emplace_back("x", Base64UrlEncode(key.ec.x));
    out.emplace_back("y", Base64UrlEncode(key.ec.y));
  } else {
    out.emplace_back("bits", key.bits);
  }
  if (key.kind == KeyKind::kRsa) {
    out.emplace_back("n", Base64UrlEncode(key.rsa.n));
    out.emplace_back("e", Base64UrlEncode(key.rsa.e));
  }
  if (key.type().hsm) out.emplace_back("hsmObject", key.hsm_object);
  json::Array operations;
  for (const keys::Operation one : key.operations) operations.emplace_back(keys::Name(one));
  out.emplace_back("key_ops", std::move(operations));
  out.emplace_back("nbf", OptionalTimeJson(key.attributes.not_before));
  out.emplace_back("exp", OptionalTimeJson(key.attributes.expires));
  out.emplace_back("updated", FormatTime(key.attributes.updated));
  json::Object tags;
  for (const auto& [name, value] : key.tags) tags.emplace_back(name, value);
  out.emplace_back("tags", std::move(tags));
  if (key.release_policy) {
    out.emplace_back("releasePolicy", std::string(AsText(key.release_policy->data)));
    out.emplace_back("releasePolicyImmutable", key.release_policy->immutable);
  }
  return out;
}

json::Object CreationOf(const KeyVersion& key) {
  json::Object out = ListedJson(key);
  out.emplace_back("act", "create");
  if (key.release_policy) {
    out.emplace_back("releasePolicySha256", HexEncode(Sha256(key.release_policy->data)));
  }
  return out;
}

std::string TextOf(const json::Value& value) {
  return value.AsString() != nullptr ? *value.AsString() : json::Write(value);
}

int PrintKey(const Options& options, const KeyVersion& key) {
  const json::Object shown = ShownJson(key);
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(shown));
    return 0;
  }
  for (const auto& [name, value] : shown) {
    if (!value.is_null()) fmt::print("{:<24} {}\n", name, TextOf(value));
  }
  return 0;
}

}  // namespace

Result<int> RunKeyCreate(const Options& options) {
  const keys::KeySpec spec = TRY(SpecOf(options));
  const keys::KeyProperties properties = TRY(PropertiesOf(options));
  const Time now = TRY(TimeOf(options));
  const OpenedVault opened = TRY(OpenVault(options));
  const auto key = opened.vault->Create(options.key_name, spec, properties, now);
  if (!key) return Refused(key.error());
  TRY_VOID(RecordLocalAct(options.state_dir, "/keys/" + key->name, CreationOf(*key), now,
                          ledger::RecordKind::kKeyCreation));
  return PrintKey(options, *key);
}

Result<int> RunKeyShow(const Options& options) {
  const OpenedVault opened = TRY(OpenVault(options));
  const auto key = opened.vault->Get(options.key_name, options.key_version);
  return key ? Result<int>(PrintKey(options, *key)) : Refused(key.error());
}

}  // namespace assay::cli
