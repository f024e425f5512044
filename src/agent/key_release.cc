#include "agent/key_release.h"

#include <fmt/format.h>

#include "agent/key_templates.h"
#include "base/encoding.h"
#include "crypto/aes_key_wrap.h"
#include "crypto/signing_key.h"

namespace assay::agent {
namespace {

// The RSA-OAEP part is as long as the modulus of the runtime key.
constexpr std::size_t kWrappedAesBytes = 2048 / 8;

Result<SecretBytes> Unwrap(Tpm& tpm, const TpmKey& runtime_key, View ciphertext) {
  if (ciphertext.size() <= kWrappedAesBytes) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("key release: expected more than {} bytes of ciphertext, found {}",
                            kWrappedAesBytes, ciphertext.size()));
  }
  const SecretBytes aes = TRY(DecryptOaep(tpm, runtime_key, ciphertext.first(kWrappedAesBytes)));
  return UnwrapAesKwp(aes.view(), ciphertext.subspan(kWrappedAesBytes));
}

std::string PathOf(const KeyAddress& key) {
  return fmt::format("/keys/{}{}{}/release?api-version=7.6", key.name,
                     key.version.empty() ? "" : "/", key.version);
}

struct Asked {
  Said said;
  ReleasedKey key;  // if the service said yes
};

Result<Asked> Ask(const Machine& machine, const Service& service, const std::string& token,
                  const KeyAddress& key, const TpmKey& runtime_key,
                  std::span<const CertificatePtr> authorities) {
  const Bytes nonce = TRY(RandomBytes(32));
  const ReleaseQuestion question{key, Base64UrlEncode(nonce)};
  Asked out;
  out.said = service.PostAtRoot(
      PathOf(key),
      json::Object{{"target", token}, {"enc", kKeyEncryption}, {"nonce", question.nonce}});
  if (!out.said.yes()) {
    out.said.message = fmt::format("key {}: {}", key.name, out.said.message);
    return out;
  }
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const WrappedKey wrapped = TRY(ReadReleaseAnswer(
      TRY(out.said.body.String("value", "key release")), question, authorities, now));
  SecretBytes material = TRY(Unwrap(machine.tpm, runtime_key, wrapped.ciphertext));
  out.key = {wrapped.kid, wrapped.kty, std::move(material)};
  return out;
}

}  // namespace

Result<Released> ReleaseKeys(const Machine& machine, const Service& service,
                             std::span<const KeyAddress> keys,
                             std::span<const CertificatePtr> authorities) {
  const TpmKey runtime_key =
      TRY(TpmKey::CreatePrimary(machine.tpm, RuntimeKeyTemplate(), Hierarchy::kNull));
  Released out;
  out.said = TRY(Attest(machine, service, &runtime_key));
  if (!out.said.yes()) return out;
  out.token = TRY(out.said.body.String("token", "answer of the service"));
  for (const KeyAddress& key : keys) {
    Asked asked = TRY(Ask(machine, service, out.token, key, runtime_key, authorities));
    if (!asked.said.yes()) {
      out.said = std::move(asked.said);
      out.keys.clear();
      return out;
    }
    out.keys.push_back(std::move(asked.key));
  }
  return out;
}

SecretBytes AsFileContent(const ReleasedKey& key) {
  if (key.kty == "oct") return SecretBytes(key.material.view());
  std::string pem = PemText("PRIVATE KEY", key.material.view());
  SecretBytes out(AsBytes(pem));
  Cleanse(std::as_writable_bytes(std::span(pem)));
  return out;
}

}  // namespace assay::agent
