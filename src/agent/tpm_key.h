// Keys inside the TPM, and what the agent does with them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "tpm2/tpm.h"

struct TPM2B_PUBLIC;

namespace assay::agent {

using tpm2::Tpm;

// Whose seed a primary key is made of. That of the null hierarchy is another after each TPM Reset
// (Part 1, section 14.4): its keys end with the boot.
enum class Hierarchy { kEndorsement, kNull };

// A key that is loaded; a transient one is flushed when this goes. The Tpm must outlive it.
class TpmKey {
 public:
  // The hierarchy's password is expected to be empty.
  static Result<TpmKey> CreatePrimary(Tpm& tpm, const TPM2B_PUBLIC& area,
                                      Hierarchy hierarchy = Hierarchy::kEndorsement);
  static Result<TpmKey> Persistent(Tpm& tpm, std::uint32_t handle);

  TpmKey(TpmKey&& other) noexcept;
  TpmKey& operator=(TpmKey&& other) = delete;
  TpmKey(const TpmKey&) = delete;
  ~TpmKey();

  const Bytes& public_area() const { return public_area_; }  // TPM2B_PUBLIC
  std::uint32_t handle() const { return handle_; }           // ESYS_TR
  // Whether its user may use it with the empty password (userWithAuth, Part 2, 8.3), or by its
  // policy only.
  bool user_with_auth() const { return user_with_auth_; }

 private:
  TpmKey(Tpm& tpm, std::uint32_t handle, bool transient)
      : tpm_(&tpm), handle_(handle), transient_(transient) {}
  Result<void> ReadPublic();

  Tpm* tpm_;
  std::uint32_t handle_;
  bool transient_;
  bool user_with_auth_ = false;
  Bytes public_area_;
};

struct SignedStatement {
  Bytes message;    // TPMS_ATTEST
  Bytes signature;  // TPMT_SIGNATURE
};

// Of the SHA-256 bank, by the key's own scheme; `nonce` becomes extraData.
Result<SignedStatement> MakeQuote(Tpm& tpm, const TpmKey& ak, View nonce,
                                  const std::vector<std::uint32_t>& pcrs);

// That `key` is in the same TPM, with all of its public area: TPM2_Certify, by the scheme of `ak`.
Result<SignedStatement> CertifyKey(Tpm& tpm, const TpmKey& key, const TpmKey& ak, View nonce);

// RSAES-OAEP with SHA-256, MGF1 of the same, and no label.
Result<SecretBytes> DecryptOaep(Tpm& tpm, const TpmKey& key, View ciphertext);

// The secret inside a credential, which only the TPM that holds both keys can open (Part 1, 24).
// The caller cleanses it.
Result<Bytes> ActivateCredential(Tpm& tpm, const TpmKey& ak, const TpmKey& ek, View id_object,
                                 View encrypted_secret);

}  // namespace assay::agent
