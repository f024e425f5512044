#include "agent/release_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/encoding.h"
#include "token/jws_verify.h"

namespace assay::agent {
namespace {

constexpr std::string_view kReleaseAnswer = "key release";

tl::unexpected<Error> NotTheAnswer(std::string_view member, std::string_view expected,
                                   std::string_view found) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("{}: {}: expected {}, found {}", kReleaseAnswer, member, expected,
                          found.substr(0, 200)),
              "the answer is to another request");
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// What Key Vault allows in names and versions.
bool IsKeyWord(std::string_view text) {
  constexpr std::size_t kLongest = 127;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

Result<CertificatePtr> SignerOf(std::string_view answer,
                                std::span<const CertificatePtr> authorities, Time now) {
  const json::Value header = TRY(ReadUnverifiedHeader(answer));
  const json::Array& chain = *TRY(header.List("x5c", kReleaseAnswer));
  if (chain.empty() || chain.front().AsString() == nullptr) {
    return NotTheAnswer("x5c", "the certificate of its signer", "none");
  }
  CertificatePtr leaf = TRY(Certificate::FromDer(TRY(Base64Decode(*chain.front().AsString()))));
  const bool issued =
      std::any_of(authorities.begin(), authorities.end(), [&](const CertificatePtr& authority) {
        return authority->is_ca() && authority->ValidAt(now) && leaf->IssuedBy(*authority);
      });
  if (issued) return leaf;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: the answer is signed by \"{}\" of \"{}\", whom no trusted authority "
                          "vouches for",
                          kReleaseAnswer, leaf->subject_cn(), leaf->issuer_cn()),
              "give the service's own authority, ca.pem of its state folder, as --vault-ca");
}

Result<const json::Value*> Within(const json::Value& object,
                                  std::span<const std::string_view> path) {
  const json::Value* at = &object;
  for (const std::string_view name : path) {
    at = at->Find(name);
    if (at == nullptr) return NotTheAnswer(name, "an object", "nothing");
  }
  return at;
}

Result<void> CheckRequest(const json::Value& payload, const ReleaseQuestion& question) {
  constexpr std::array<std::string_view, 1> kRequest = {"request"};
  const json::Value& request = *TRY(Within(payload, kRequest));
  const std::string enc = TRY(request.String("enc", kReleaseAnswer));
  if (enc != kKeyEncryption) return NotTheAnswer("request.enc", kKeyEncryption, enc);
  const std::string nonce = TRY(request.String("nonce", kReleaseAnswer));
  if (nonce != question.nonce) return NotTheAnswer("request.nonce", question.nonce, nonce);
  return {};
}

// "https://HOST/keys/NAME/VERSION". The host is as the vault knows it, and need not be the one that
// it was reached by.
Result<void> CheckKid(const std::string& kid, const KeyAddress& key) {
  const std::string path = Lower(fmt::format("/keys/{}/", key.name));
  const std::size_t at = Lower(kid).find(path);
  const std::string_view version =
      at == std::string::npos ? std::string_view() : std::string_view(kid).substr(at + path.size());
  const bool wanted = key.version.empty() || Lower(version) == Lower(key.version);
  if (IsKeyWord(version) && wanted) return {};
  return NotTheAnswer("kid", path + (key.version.empty() ? "..." : key.version), kid);
}

}  // namespace

Result<KeyAddress> ParseKeyAddress(std::string_view text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  KeyAddress out{std::string(text.substr(0, comma))};
  if (comma < text.size()) out.version = text.substr(comma + 1);
  if (IsKeyWord(out.name) && (comma == text.size() || IsKeyWord(out.version))) return out;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("expected a key as NAME or NAME,VERSION, found {}", text.substr(0, 100)),
              "names and versions have letters, digits and hyphens");
}

Result<WrappedKey> ReadReleaseAnswer(std::string_view answer, const ReleaseQuestion& question,
                                     std::span<const CertificatePtr> authorities, Time now) {
  const CertificatePtr signer = TRY(SignerOf(answer, authorities, now));
  const VerifiedJws jws =
      TRY(VerifyJwsByCertificate(TRY(ParseJws(answer)), std::span(&signer, 1), now));
  const json::Value payload = TRY(jws.Claims());
  TRY_VOID(CheckRequest(payload, question));
  constexpr std::array<std::string_view, 3> kKey = {"response", "key", "key"};
  const json::Value& key = *TRY(Within(payload, kKey));
  WrappedKey out;
  out.kid = TRY(key.String("kid", kReleaseAnswer));
  out.kty = TRY(key.String("kty", kReleaseAnswer));
  TRY_VOID(CheckKid(out.kid, question.key));
  const Bytes hsm = TRY(Base64UrlDecode(TRY(key.String("key_hsm", kReleaseAnswer))));
  const json::Value envelope = TRY(json::Parse(AsText(hsm)));
  constexpr std::array<std::string_view, 1> kHeader = {"header"};
  const std::string enc = TRY((*TRY(Within(envelope, kHeader))).String("enc", kReleaseAnswer));
  if (enc != kKeyEncryption) return NotTheAnswer("key_hsm.header.enc", kKeyEncryption, enc);
  out.ciphertext = TRY(Base64UrlDecode(TRY(envelope.String("ciphertext", kReleaseAnswer))));
  return out;
}

}  // namespace assay::agent
