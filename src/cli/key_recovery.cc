// assay key approve-recovery, open-recovery: the part of officers, and of who asked them.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "crypto/aes_key_wrap.h"
#include "crypto/rsa_cipher.h"
#include "crypto/signing_key.h"
#include "recovery/recovery.h"
#include "token/jws.h"

namespace assay::cli {
namespace {

Result<json::Value> ReadDocument(const Options& options) {
  return json::Parse(AsText(TRY(ReadFile(options.file, limits::kEvidenceBytes))));
}

// The statement, which the file holds twice: as a text and in parts. Both have to say the same, so
// that an officer signs what is shown.
Result<recovery::Recovery> ReadRecovery(const Options& options) {
  const json::Value document = TRY(ReadDocument(options));
  recovery::Recovery out = TRY(recovery::RecoveryFromJson(json::Write(document)));
  if (TRY(document.String("statement", options.file)) != StatementOf(out)) {
    return Fail(ErrorCode::kMalformed, options.file + ": the statement is not what its parts say",
                "ask the service for it again: GET /recoveries/" + out.id);
  }
  return out;
}

void ShowRecovery(const recovery::Recovery& recovery) {
  fmt::print(stderr,
             "recovery {}\n  key        {}/{}\n  of vault   {}\n  wrapped to {} (SHA-256 of the "
             "RSA key)\n  reason     {}\n  asked by   {} at {}\n  ends       {}\n",
             recovery.id, recovery.key, recovery.version, recovery.vault, recovery.to,
             recovery.reason, recovery.requested_by.empty() ? "-" : recovery.requested_by,
             FormatTime(recovery.requested), FormatTime(recovery.expires));
}

// A new file of mode 0600; one that is there is not overwritten.
Result<void> WriteSecret(const std::string& path, View secret) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return Fail(ErrorCode::kIo, path + ": cannot be made", "does it exist? --out names a new file");
  }
  const ssize_t written = ::write(file, secret.data(), secret.size());
  const bool good = ::close(file) == 0 && written == static_cast<ssize_t>(secret.size());
  if (!good) return Fail(ErrorCode::kIo, path + ": cannot be written");
  return {};
}

// RSA-OAEP-256 of an AES key, and the key under that (release/wrap.h).
Result<SecretBytes> Unwrap(const AsymmetricKey& pair, View wrapped) {
  const std::size_t modulus = pair.bits() / 8;
  if (wrapped.size() <= modulus) {
    return Fail(ErrorCode::kMalformed, "value: shorter than what that RSA key encrypts");
  }
  const SecretBytes inner = TRY(DecryptRsa(pair, RsaCipher::kOaepSha256, wrapped.first(modulus)));
  return UnwrapAesKwp(inner.view(), wrapped.subspan(modulus));
}

}  // namespace

Result<int> RunKeyApproveRecovery(const Options& options) {
  const recovery::Recovery recovery = TRY(ReadRecovery(options));
  const SigningKey key = TRY(SigningKey::Load(options.officer_key));
  ShowRecovery(recovery);
  JwsHeader header;
  header.kid = options.officer;
  header.typ = recovery::kApprovalType;
  const json::Value statement = TRY(json::Parse(StatementOf(recovery)));
  fmt::print("{}\n", TRY(SignJws(key, header, *statement.AsObject())));
  return 0;
}

Result<int> RunKeyOpenRecovery(const Options& options) {
  const json::Value document = TRY(ReadDocument(options));
  const Bytes wrapped = TRY(Base64UrlDecode(TRY(document.String("value", options.file))));
  const AsymmetricKey key = TRY(AsymmetricKey::LoadPem(options.officer_key));
  const SecretBytes secret = TRY(Unwrap(key, wrapped));
  TRY_VOID(WriteSecret(options.out, secret.view()));
  fmt::print("{}: {} bytes\n", options.out, secret.size());
  return 0;
}

}  // namespace assay::cli
