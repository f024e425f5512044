#include "agent/evidence_document.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/reader.h"
#include "crypto/digest.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

json::Value Base64UrlText(View bytes) { return json::Value(Base64UrlEncode(bytes)); }

// Linux Documentation/security/IMA-templates.rst, as tee/tpm/ima_log.h.
Result<void> SkipImaEntry(Reader& reader) {
  constexpr std::size_t kTemplateDigest = 20;
  TRY(reader.U32Le("PCR"));
  TRY(reader.Take(kTemplateDigest, "template digest"));
  const View name = TRY(reader.Take(TRY(reader.U32Le("name size")), "template name"));
  if (AsText(name) == "ima") return Fail(ErrorCode::kUnsupported, "template without a size");
  TRY(reader.Take(TRY(reader.U32Le("data size")), "template data"));
  return {};
}

void AddImaLog(const Collected& collected, bool same_boot, const AlreadyKnown& known,
               json::Object& out) {
  if (!collected.ima_log) return;
  if (same_boot && known.ima_entries > 0) {
    if (const auto rest = ImaLogFrom(*collected.ima_log, known.ima_entries)) {
      out.emplace_back("ima_from", known.ima_entries);
      out.emplace_back("ima_log", Base64UrlText(*rest));
      return;
    }
  }
  out.emplace_back("ima_log", Base64UrlText(*collected.ima_log));
}

void AddEventLog(const Collected& collected, const AlreadyKnown& known, json::Object& out) {
  if (!collected.event_log) return;
  const std::string digest = HexEncode(Sha256(*collected.event_log));
  if (digest == known.event_log_sha256) {
    out.emplace_back("event_log_sha256", digest);
  } else {
    out.emplace_back("event_log", Base64UrlText(*collected.event_log));
  }
}

void AddKey(const Collected& collected, json::Object& out) {
  out.emplace_back("ak", Base64UrlText(collected.ak));
  if (collected.hcl_report) {
    out.emplace_back("hcl_report", Base64UrlText(*collected.hcl_report));
    if (collected.td_quote) out.emplace_back("td_quote", Base64UrlText(*collected.td_quote));
    return;
  }
  if (collected.ak_certificates.empty()) return;
  json::Array certificates;
  for (const Bytes& one : collected.ak_certificates) certificates.push_back(Base64UrlText(one));
  out.emplace_back("ak_certificates", std::move(certificates));
}

json::Object SignedJson(const SignedStatement& statement, std::string_view message) {
  return {{std::string(message), Base64UrlText(statement.message)},
          {"signature", Base64UrlText(statement.signature)}};
}

void AddBindings(const Collected& collected, json::Object& out) {
  if (collected.certified) {
    json::Object key = SignedJson(collected.certified->certification, "certification");
    key.emplace_back("public", Base64UrlText(collected.certified->area));
    out.emplace_back("certified_keys", json::Array{std::move(key)});
  }
  if (collected.bound) {
    out.emplace_back("quote_binding",
                     json::Object{{"hash", "sha256"}, {"data", Base64UrlText(*collected.bound)}});
  }
}

}  // namespace

Bytes QuotedNonce(View challenge, const std::optional<Bytes>& bound) {
  if (!bound) return ToBytes(challenge);
  Bytes all = *bound;
  all.push_back(std::byte{0});
  Append(all, challenge);
  return ToBytes(Sha256(all));
}

std::optional<Bytes> ImaLogFrom(View log, std::uint64_t count) {
  Reader reader(log, "IMA list");
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!SkipImaEntry(reader)) return std::nullopt;
  }
  return ToBytes(reader.rest());
}

Result<std::string> EvidenceDocument(const Collected& collected, const AlreadyKnown& known) {
  const tpm::Quote quote = TRY(tpm::ParseQuote(collected.quote.message));
  json::Object out{{"assay-evidence", collected.hcl_report ? "azure/1" : "tpm/1"}};
  AddKey(collected, out);
  out.emplace_back("quotes", json::Array{SignedJson(collected.quote, "message")});
  AddBindings(collected, out);
  json::Object bank;
  for (const auto& [pcr, value] : collected.pcrs) {
    bank.emplace_back(std::to_string(pcr), HexEncode(value));
  }
  out.emplace_back("pcrs", json::Object{{"sha256", std::move(bank)}});
  AddEventLog(collected, known, out);
  AddImaLog(collected, quote.reset_count == known.reset_count, known, out);
  return json::Write(json::Value(std::move(out)));
}

}  // namespace assay::agent
