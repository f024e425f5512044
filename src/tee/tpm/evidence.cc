#include "tee/tpm/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/jose.h"
#include "tee/tcg/event_log.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kFormat = "tpm/1";

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, "TPM evidence: " + std::move(message));
}

Result<std::uint32_t> PcrIndex(std::string_view text) {
  std::uint32_t out = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end || out >= tcg::kPcrCount ||
      (text.size() > 1 && text.front() == '0')) {
    return Malformed(fmt::format("expected a PCR from 0 to 23, found \"{}\"", text.substr(0, 16)));
  }
  return out;
}

Result<void> ReadBank(std::string_view name, const json::Value& values, TpmEvidence& out) {
  const auto bank = tcg::HashAlgorithmNamed(name);
  if (!bank || values.AsObject() == nullptr) {
    return Malformed(
        fmt::format("pcrs: expected a bank with values, found \"{}\"", name.substr(0, 16)));
  }
  tcg::PcrValues& pcrs = out.pcrs[*bank];
  for (const auto& [index, value] : *values.AsObject()) {
    if (value.AsString() == nullptr) return Malformed("pcrs: a value is not a string");
    Bytes bytes = TRY(HexDecode(*value.AsString()));
    const bool upper = std::any_of(value.AsString()->begin(), value.AsString()->end(),
                                   [](char c) { return c >= 'A' && c <= 'F'; });
    if (bytes.size() != tcg::DigestSize(*bank) || upper) {
      return Malformed(fmt::format("pcrs: expected {} bytes of {} in lower-case hexadecimal",
                                   tcg::DigestSize(*bank), name));
    }
    pcrs.insert_or_assign(pcrs.end(), TRY(PcrIndex(index)), std::move(bytes));
  }
  return {};
}

Result<void> ReadPcrs(const json::Value& document, TpmEvidence& out) {
  const json::Value* const pcrs = document.Find("pcrs");
  if (pcrs == nullptr || pcrs->AsObject() == nullptr) return Malformed("pcrs: expected an object");
  for (const auto& [name, values] : *pcrs->AsObject()) TRY_VOID(ReadBank(name, values, out));
  return {};
}

Result<void> ReadQuotes(const json::Value& document, TpmEvidence& out) {
  const json::Array& quotes = *TRY(document.List("quotes", "TPM evidence"));
  if (quotes.empty() || quotes.size() > limits::kPcrBanks) {
    return Malformed(
        fmt::format("expected 1 to {} quotes, found {}", limits::kPcrBanks, quotes.size()));
  }
  for (const json::Value& one : quotes) {
    SignedQuote quote;
    quote.quote = TRY(ParseQuote(TRY(ReadBytes(one, "message", out))));
    quote.signature = TRY(ParseSignature(TRY(ReadBytes(one, "signature", out))));
    out.quotes.push_back(std::move(quote));
  }
  return {};
}

Result<void> ReadCertifiedKeys(const json::Value& document, TpmEvidence& out) {
  if (document.Find("certified_keys") == nullptr) return {};
  const json::Array& keys = *TRY(document.List("certified_keys", "TPM evidence"));
  if (keys.size() > limits::kCertifiedKeys) return Malformed("certified_keys: too many");
  for (const json::Value& one : keys) {
    PublicArea area = TRY(ParsePublicArea(TRY(ReadBytes(one, "public", out))));
    CertifiedKey key{std::move(area), {}, {}};
    key.certification = TRY(ParseCertification(TRY(ReadBytes(one, "certification", out))));
    key.signature = TRY(ParseSignature(TRY(ReadBytes(one, "signature", out))));
    out.certified_keys.push_back(std::move(key));
  }
  return {};
}

Result<void> ReadBinding(const json::Value& document, TpmEvidence& out) {
  const json::Value* const binding = document.Find("quote_binding");
  if (binding == nullptr) return {};
  const auto hash = tcg::HashAlgorithmNamed(TRY(binding->String("hash", "quote_binding")));
  if (!hash || *hash == tcg::HashAlgorithm::kSha1) {
    return Malformed("quote_binding: expected sha256, sha384 or sha512");
  }
  const View data = TRY(ReadBytes(*binding, "data", out));
  out.binding = QuoteBinding{*hash, data};
  return {};
}

Result<void> ReadAttestationKey(const json::Value& document, TpmEvidence& out) {
  const json::Value* const jwk = document.Find("ak_jwk");
  if (jwk == nullptr) {
    out.ak = TRY(ParsePublicFields(TRY(ReadBytes(document, "ak", out))));
    return {};
  }
  if (document.Find("ak") != nullptr) return Malformed("expected ak or ak_jwk, found both");
  if (TRY(jwk->String("kty", "ak_jwk")) != "RSA") return Malformed("ak_jwk: expected an RSA key");
  const View modulus = TRY(ReadBytes(*jwk, "n", out));
  out.key = TRY(RsaPublicKey(modulus, TRY(ReadBytes(*jwk, "e", out))));
  return {};
}

Result<void> ReadCertificates(const json::Value& document, TpmEvidence& out) {
  if (document.Find("ak_certificates") == nullptr) return {};
  const json::Array& list = *TRY(document.List("ak_certificates", "TPM evidence"));
  if (list.size() > limits::kCertificatesInChain) return Malformed("ak_certificates: too many");
  for (const json::Value& one : list) {
    if (one.AsString() == nullptr) return Malformed("ak_certificates: not a string");
    out.ak_certificates.push_back(TRY(Certificate::FromDer(TRY(Base64UrlDecode(*one.AsString())))));
  }
  return {};
}

bool Given(const json::Value& document, std::string_view name) {
  // An empty log is as good as none: the checks say that it is missing.
  const json::Value* const log = document.Find(name);
  return log != nullptr && (log->AsString() == nullptr || !log->AsString()->empty());
}

Result<void> ReadEventLog(const json::Value& document, TpmEvidence& out) {
  const bool named = document.Find("event_log_sha256") != nullptr;
  if (Given(document, "event_log")) {
    if (named) return Malformed("expected event_log or event_log_sha256, found both");
    out.event_log = TRY(ReadBytes(document, "event_log", out));
    TRY(tcg::ParseEventLog(out.event_log));
    out.event_log_digest = Sha256(out.event_log);
  } else if (named) {
    const Bytes digest = TRY(HexDecode(TRY(document.String("event_log_sha256", "TPM evidence"))));
    out.event_log_digest.emplace();
    if (digest.size() != out.event_log_digest->size()) {
      return Malformed("event_log_sha256: expected 32 bytes in hexadecimal");
    }
    std::copy(digest.begin(), digest.end(), out.event_log_digest->begin());
  }
  return {};
}

Result<void> ReadImaLog(const json::Value& document, TpmEvidence& out) {
  if (document.Find("ima_from") != nullptr) {
    const std::int64_t from = TRY(document.Int("ima_from", "TPM evidence"));
    if (from < 0 || static_cast<std::uint64_t>(from) > limits::kImaEntries) {
      return Malformed(fmt::format("ima_from: expected 0 to {}", limits::kImaEntries));
    }
    out.ima_from = static_cast<std::uint64_t>(from);
  }
  // Behind what is known there may be nothing new.
  if (Given(document, "ima_log") || out.ima_from > 0) {
    out.ima_log = TRY(ParseImaLog(TRY(ReadBytes(document, "ima_log", out))));
  }
  return {};
}

}  // namespace

Result<View> ReadBytes(const json::Value& document, std::string_view name, TpmEvidence& out) {
  const std::string text = TRY(document.String(name, "evidence"));
  // Views point into the blocks of these buffers, which stay where they are when the list grows.
  out.owned.push_back(TRY(Base64UrlDecode(text)));
  return View(out.owned.back());
}

Result<void> RefuseOtherMembers(const json::Value& document,
                                std::span<const std::string_view> known) {
  for (const auto& [name, value] : *document.AsObject()) {
    const auto among = [&name = name](std::span<const std::string_view> names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (!among(known) && !among(kQuoteMembers)) {
      return Malformed(fmt::format("unknown member \"{}\"", name.substr(0, 32)));
    }
  }
  return {};
}

Result<void> ReadQuotesAndLogs(const json::Value& document, TpmEvidence& out) {
  TRY_VOID(ReadQuotes(document, out));
  TRY_VOID(ReadPcrs(document, out));
  TRY_VOID(ReadCertifiedKeys(document, out));
  TRY_VOID(ReadBinding(document, out));
  TRY_VOID(ReadEventLog(document, out));
  return ReadImaLog(document, out);
}

Result<std::unique_ptr<TpmEvidence>> ParseQuotesAndLogs(View document) {
  auto out = std::make_unique<TpmEvidence>();
  TRY_VOID(ReadQuotesAndLogs(TRY(json::Parse(AsText(document))), *out));
  return out;
}

bool NamesFormat(View evidence, std::string_view family) {
  constexpr std::size_t kHead = 64;
  const std::string_view head = AsText(evidence.first(std::min(evidence.size(), kHead)));
  const std::size_t brace = head.find_first_not_of(" \t\r\n");
  return brace != std::string_view::npos && head[brace] == '{' &&
         head.find("\"assay-evidence\"") != std::string_view::npos &&
         head.find(fmt::format("\"{}", family)) != std::string_view::npos;
}

Result<std::unique_ptr<TpmEvidence>> ParseTpmEvidence(View evidence) {
  const json::Value document = TRY(json::Parse(AsText(evidence)));
  const std::string format = TRY(document.String("assay-evidence", "TPM evidence"));
  if (format != kFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("TPM evidence: expected the format {}, found {}", kFormat,
                            format.substr(0, 16)));
  }
  return ReadTpmMembers(document, {});
}

Result<std::unique_ptr<TpmEvidence>> ReadTpmMembers(const json::Value& document,
                                                    std::span<const std::string_view> others) {
  std::vector<std::string_view> known = {"assay-evidence", "ak", "ak_jwk", "ak_certificates"};
  known.insert(known.end(), others.begin(), others.end());
  TRY_VOID(RefuseOtherMembers(document, known));
  auto out = std::make_unique<TpmEvidence>();
  TRY_VOID(ReadAttestationKey(document, *out));
  TRY_VOID(ReadCertificates(document, *out));
  TRY_VOID(ReadQuotesAndLogs(document, *out));
  return out;
}

}  // namespace assay::tpm
