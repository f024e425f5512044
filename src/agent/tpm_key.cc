#include "agent/tpm_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tpm2/tss.h"

namespace assay::agent {
namespace {

using tpm2::Buffer;
using tpm2::EsysPtr;
using tpm2::FromWireForm;
using tpm2::Succeeded;
using tpm2::WireForm;

constexpr auto kNone = ESYS_TR_NONE;

// A policy session for the endorsement hierarchy's password (PolicyA of the EK profile).
class EndorsementSession {
 public:
  static Result<EndorsementSession> Start(ESYS_CONTEXT* context) {
    constexpr TPMT_SYM_DEF kNoEncryption = {.algorithm = TPM2_ALG_NULL, .keyBits = {}, .mode = {}};
    ESYS_TR session = kNone;
    TRY_VOID(
        Succeeded(Esys_StartAuthSession(context, kNone, kNone, kNone, kNone, kNone, nullptr,
                                        TPM2_SE_POLICY, &kNoEncryption, TPM2_ALG_SHA256, &session),
                  "TPM2_StartAuthSession"));
    EndorsementSession out(context, session);
    TRY_VOID(
        Succeeded(Esys_PolicySecret(context, ESYS_TR_RH_ENDORSEMENT, session, ESYS_TR_PASSWORD,
                                    kNone, kNone, nullptr, nullptr, nullptr, 0, nullptr, nullptr),
                  "TPM2_PolicySecret"));
    return out;
  }

  EndorsementSession(EndorsementSession&& other) noexcept
      : context_(other.context_), session_(std::exchange(other.session_, kNone)) {}
  EndorsementSession& operator=(EndorsementSession&&) = delete;
  EndorsementSession(const EndorsementSession&) = delete;
  ~EndorsementSession() {
    if (session_ != kNone) Esys_FlushContext(context_, session_);
  }

  ESYS_TR get() const { return session_; }
  // A session that did its work is gone in the TPM, too (continueSession is clear).
  void Spent() { session_ = kNone; }

 private:
  EndorsementSession(ESYS_CONTEXT* context, ESYS_TR session)
      : context_(context), session_(session) {}
  ESYS_CONTEXT* context_;
  ESYS_TR session_;
};

constexpr TPMT_SIG_SCHEME kOfTheKey = {.scheme = TPM2_ALG_NULL, .details = {}};

Result<TPM2B_DATA> QualifyingData(View nonce) {
  TPM2B_DATA out{};
  if (nonce.size() > sizeof out.buffer) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("nonce: expected at most {} bytes, found {}", sizeof out.buffer, nonce.size()));
  }
  out.size = static_cast<UINT16>(nonce.size());
  std::transform(nonce.begin(), nonce.end(), out.buffer, ToU8);
  return out;
}

Result<SignedStatement> StatementOf(EsysPtr<TPM2B_ATTEST> message,
                                    EsysPtr<TPMT_SIGNATURE> signature) {
  SignedStatement out;
  out.message = ToBytes(std::as_bytes(std::span(message->attestationData, message->size)));
  out.signature = TRY(WireForm(Tss2_MU_TPMT_SIGNATURE_Marshal, *signature, "TPMT_SIGNATURE"));
  return out;
}

Result<Bytes> Activate(ESYS_CONTEXT* context, ESYS_TR ak, ESYS_TR ek, ESYS_TR ek_session,
                       const TPM2B_ID_OBJECT& blob, const TPM2B_ENCRYPTED_SECRET& secret) {
  TPM2B_DIGEST* opened = nullptr;
  TRY_VOID(Succeeded(Esys_ActivateCredential(context, ak, ek, ESYS_TR_PASSWORD, ek_session, kNone,
                                             &blob, &secret, &opened),
                     "TPM2_ActivateCredential"));
  Bytes out = ToBytes(Buffer(*opened));
  std::fill_n(opened->buffer, sizeof opened->buffer, BYTE{0});
  const EsysPtr<TPM2B_DIGEST> owned(opened);
  return out;
}

}  // namespace

TpmKey::TpmKey(TpmKey&& other) noexcept
    : tpm_(other.tpm_),
      handle_(std::exchange(other.handle_, kNone)),
      transient_(other.transient_),
      user_with_auth_(other.user_with_auth_),
      public_area_(std::move(other.public_area_)) {}

TpmKey::~TpmKey() {
  if (handle_ == kNone) return;
  if (transient_) {
    Esys_FlushContext(tpm_->raw(), handle_);
  } else {
    Esys_TR_Close(tpm_->raw(), &handle_);
  }
}

Result<void> TpmKey::ReadPublic() {
  TPM2B_PUBLIC* area = nullptr;
  TRY_VOID(
      Succeeded(Esys_ReadPublic(tpm_->raw(), handle_, kNone, kNone, kNone, &area, nullptr, nullptr),
                "TPM2_ReadPublic"));
  const EsysPtr<TPM2B_PUBLIC> owned(area);
  user_with_auth_ = (area->publicArea.objectAttributes & TPMA_OBJECT_USERWITHAUTH) != 0;
  public_area_ = TRY(WireForm(Tss2_MU_TPM2B_PUBLIC_Marshal, *owned, "TPM2B_PUBLIC"));
  return {};
}

Result<TpmKey> TpmKey::CreatePrimary(Tpm& tpm, const TPM2B_PUBLIC& area, Hierarchy hierarchy) {
  constexpr TPM2B_SENSITIVE_CREATE kNoPassword{};
  constexpr TPM2B_DATA kNoOutsideInfo{};
  constexpr TPML_PCR_SELECTION kNoPcrs{};
  const ESYS_TR parent = hierarchy == Hierarchy::kNull ? ESYS_TR_RH_NULL : ESYS_TR_RH_ENDORSEMENT;
  ESYS_TR handle = kNone;
  TRY_VOID(Succeeded(
      Esys_CreatePrimary(tpm.raw(), parent, ESYS_TR_PASSWORD, kNone, kNone, &kNoPassword, &area,
                         &kNoOutsideInfo, &kNoPcrs, &handle, nullptr, nullptr, nullptr, nullptr),
      "TPM2_CreatePrimary"));
  TpmKey out(tpm, handle, true);
  TRY_VOID(out.ReadPublic());
  return out;
}

Result<TpmKey> TpmKey::Persistent(Tpm& tpm, std::uint32_t handle) {
  if (!TRY(tpm.HasHandle(handle))) {
    return Fail(ErrorCode::kMissing, fmt::format("TPM: there is no key at handle 0x{:08x}", handle),
                "leave the handle out to use a key that the agent makes");
  }
  ESYS_TR object = kNone;
  TRY_VOID(Succeeded(Esys_TR_FromTPMPublic(tpm.raw(), handle, kNone, kNone, kNone, &object),
                     fmt::format("key at handle 0x{:08x}", handle)));
  TpmKey out(tpm, object, false);
  TRY_VOID(out.ReadPublic());
  return out;
}

Result<SignedStatement> MakeQuote(Tpm& tpm, const TpmKey& ak, View nonce,
                                  const std::vector<std::uint32_t>& pcrs) {
  const TPM2B_DATA extra = TRY(QualifyingData(nonce));
  const TPML_PCR_SELECTION selection = tpm2::Sha256Pcrs(pcrs);
  TPM2B_ATTEST* message = nullptr;
  TPMT_SIGNATURE* signature = nullptr;
  TRY_VOID(Succeeded(Esys_Quote(tpm.raw(), ak.handle(), ESYS_TR_PASSWORD, kNone, kNone, &extra,
                                &kOfTheKey, &selection, &message, &signature),
                     "TPM2_Quote"));
  return StatementOf(EsysPtr<TPM2B_ATTEST>(message), EsysPtr<TPMT_SIGNATURE>(signature));
}

Result<SignedStatement> CertifyKey(Tpm& tpm, const TpmKey& key, const TpmKey& ak, View nonce) {
  const TPM2B_DATA extra = TRY(QualifyingData(nonce));
  TPM2B_ATTEST* message = nullptr;
  TPMT_SIGNATURE* signature = nullptr;
  TRY_VOID(
      Succeeded(Esys_Certify(tpm.raw(), key.handle(), ak.handle(), ESYS_TR_PASSWORD,
                             ESYS_TR_PASSWORD, kNone, &extra, &kOfTheKey, &message, &signature),
                "TPM2_Certify"));
  return StatementOf(EsysPtr<TPM2B_ATTEST>(message), EsysPtr<TPMT_SIGNATURE>(signature));
}

Result<SecretBytes> DecryptOaep(Tpm& tpm, const TpmKey& key, View ciphertext) {
  TPM2B_PUBLIC_KEY_RSA sealed{};
  if (ciphertext.size() > sizeof sealed.buffer) {
    return Fail(ErrorCode::kMalformed, fmt::format("OAEP: expected at most {} bytes, found {}",
                                                   sizeof sealed.buffer, ciphertext.size()));
  }
  sealed.size = static_cast<UINT16>(ciphertext.size());
  std::transform(ciphertext.begin(), ciphertext.end(), sealed.buffer, ToU8);
  TPMT_RSA_DECRYPT oaep{};
  oaep.scheme = TPM2_ALG_OAEP;
  oaep.details.oaep.hashAlg = TPM2_ALG_SHA256;
  constexpr TPM2B_DATA kNoLabel{};
  TPM2B_PUBLIC_KEY_RSA* opened = nullptr;
  TRY_VOID(Succeeded(Esys_RSA_Decrypt(tpm.raw(), key.handle(), ESYS_TR_PASSWORD, kNone, kNone,
                                      &sealed, &oaep, &kNoLabel, &opened),
                     "TPM2_RSA_Decrypt"));
  const EsysPtr<TPM2B_PUBLIC_KEY_RSA> owned(opened);
  SecretBytes out(Buffer(*owned));
  Cleanse(std::as_writable_bytes(std::span(owned->buffer)));
  return out;
}

Result<Bytes> ActivateCredential(Tpm& tpm, const TpmKey& ak, const TpmKey& ek, View id_object,
                                 View encrypted_secret) {
  const auto blob = TRY(FromWireForm<TPM2B_ID_OBJECT>(Tss2_MU_TPM2B_ID_OBJECT_Unmarshal, id_object,
                                                      "credential_blob (TPM2B_ID_OBJECT)"));
  const auto secret = TRY(FromWireForm<TPM2B_ENCRYPTED_SECRET>(
      Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal, encrypted_secret,
      "encrypted_secret (TPM2B_ENCRYPTED_SECRET)"));
  if (ek.user_with_auth()) {
    return Activate(tpm.raw(), ak.handle(), ek.handle(), ESYS_TR_PASSWORD, blob, secret);
  }
  EndorsementSession session = TRY(EndorsementSession::Start(tpm.raw()));
  Bytes out = TRY(Activate(tpm.raw(), ak.handle(), ek.handle(), session.get(), blob, secret));
  session.Spent();
  return out;
}

}  // namespace assay::agent
