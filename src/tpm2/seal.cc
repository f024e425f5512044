#include "tpm2/seal.h"

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "tpm2/tss.h"

namespace assay::tpm2 {
namespace {

constexpr auto kNone = ESYS_TR_NONE;

// A session or a transient object: flushed when it goes.
class Loaded {
 public:
  Loaded(ESYS_CONTEXT* context, ESYS_TR handle) : context_(context), handle_(handle) {}
  Loaded(Loaded&& other) noexcept
      : context_(other.context_), handle_(std::exchange(other.handle_, kNone)) {}
  Loaded& operator=(Loaded&&) = delete;
  Loaded(const Loaded&) = delete;
  ~Loaded() {
    if (handle_ != kNone) Esys_FlushContext(context_, handle_);
  }
  ESYS_TR get() const { return handle_; }

 private:
  ESYS_CONTEXT* context_;
  ESYS_TR handle_;
};

TPMT_SYM_DEF AesCfbSession() {
  TPMT_SYM_DEF out{};
  out.algorithm = TPM2_ALG_AES;
  out.keyBits.aes = 128;
  out.mode.aes = TPM2_ALG_CFB;
  return out;
}

// The storage primary key: the template of the TCG's provisioning guidance with ECC P-256, so that
// it is the key that other programs call the SRK, too.
TPM2B_PUBLIC StorageTemplate() {
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                          TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  TPMS_ECC_PARMS& parameters = area.parameters.eccDetail;
  parameters.symmetric.algorithm = TPM2_ALG_AES;
  parameters.symmetric.keyBits.aes = 128;
  parameters.symmetric.mode.aes = TPM2_ALG_CFB;
  parameters.scheme.scheme = TPM2_ALG_NULL;
  parameters.curveID = TPM2_ECC_NIST_P256;
  parameters.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

Result<Loaded> StoragePrimary(ESYS_CONTEXT* context) {
  constexpr TPM2B_SENSITIVE_CREATE kNoPassword{};
  constexpr TPM2B_DATA kNoOutsideInfo{};
  constexpr TPML_PCR_SELECTION kNoPcrs{};
  const TPM2B_PUBLIC area = StorageTemplate();
  ESYS_TR handle = kNone;
  TRY_VOID(Succeeded(Esys_CreatePrimary(context, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, kNone, kNone,
                                        &kNoPassword, &area, &kNoOutsideInfo, &kNoPcrs, &handle,
                                        nullptr, nullptr, nullptr, nullptr),
                     "TPM2_CreatePrimary"));
  return Loaded(context, handle);
}

// Salted to `primary`: nobody on the bus can derive its keys.
Result<Loaded> Session(ESYS_CONTEXT* context, const Loaded& primary, TPM2_SE type,
                       TPMA_SESSION attributes) {
  const TPMT_SYM_DEF symmetric = AesCfbSession();
  ESYS_TR handle = kNone;
  TRY_VOID(Succeeded(Esys_StartAuthSession(context, primary.get(), kNone, kNone, kNone, kNone,
                                           nullptr, type, &symmetric, TPM2_ALG_SHA256, &handle),
                     "TPM2_StartAuthSession"));
  Loaded out(context, handle);
  TRY_VOID(Succeeded(
      Esys_TRSess_SetAttributes(context, handle, attributes | TPMA_SESSION_CONTINUESESSION, 0xFF),
      "session attributes"));
  return out;
}

std::vector<std::uint32_t> IndicesOf(const PcrValues& pcrs) {
  std::vector<std::uint32_t> out;
  for (const auto& one : pcrs) out.push_back(one.first);
  return out;
}

// What TPM2_PolicyPCR extends the policy by (Part 3, 23.7): the digest of the values in their
// order.
TPM2B_DIGEST PcrDigest(const PcrValues& pcrs) {
  Bytes all;
  for (const auto& one : pcrs) Append(all, one.second);
  const Sha256Digest digest = Sha256(all);
  TPM2B_DIGEST out{};
  out.size = static_cast<UINT16>(digest.size());
  std::transform(digest.begin(), digest.end(), out.buffer, ToU8);
  return out;
}

// By a trial session, for which the PCRs need not have those values now.
Result<TPM2B_DIGEST> PolicyOf(ESYS_CONTEXT* context, const Loaded& primary, const PcrValues& pcrs) {
  const Loaded trial = TRY(Session(context, primary, TPM2_SE_TRIAL, 0));
  const TPM2B_DIGEST digest = PcrDigest(pcrs);
  const TPML_PCR_SELECTION selection = Sha256Pcrs(IndicesOf(pcrs));
  TRY_VOID(Succeeded(Esys_PolicyPCR(context, trial.get(), kNone, kNone, kNone, &digest, &selection),
                     "TPM2_PolicyPCR"));
  TPM2B_DIGEST* policy = nullptr;
  TRY_VOID(Succeeded(Esys_PolicyGetDigest(context, trial.get(), kNone, kNone, kNone, &policy),
                     "TPM2_PolicyGetDigest"));
  const EsysPtr<TPM2B_DIGEST> owned(policy);
  return *owned;
}

TPM2B_PUBLIC SealedTemplate(const TPM2B_DIGEST& policy) {
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  // No userWithAuth: nothing but the policy opens it.
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA;
  area.authPolicy = policy;
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return out;
}

Result<Sealed> Create(ESYS_CONTEXT* context, const Loaded& primary, const TPM2B_PUBLIC& area,
                      const TPM2B_SENSITIVE_CREATE& sensitive) {
  constexpr TPM2B_DATA kNoOutsideInfo{};
  constexpr TPML_PCR_SELECTION kNoPcrs{};
  const Loaded session = TRY(Session(context, primary, TPM2_SE_HMAC, TPMA_SESSION_DECRYPT));
  TPM2B_PRIVATE* private_area = nullptr;
  TPM2B_PUBLIC* public_area = nullptr;
  TRY_VOID(Succeeded(Esys_Create(context, primary.get(), session.get(), kNone, kNone, &sensitive,
                                 &area, &kNoOutsideInfo, &kNoPcrs, &private_area, &public_area,
                                 nullptr, nullptr, nullptr),
                     "TPM2_Create"));
  const EsysPtr<TPM2B_PRIVATE> owned_private(private_area);
  const EsysPtr<TPM2B_PUBLIC> owned_public(public_area);
  Sealed out;
  out.public_area = TRY(WireForm(Tss2_MU_TPM2B_PUBLIC_Marshal, *owned_public, "TPM2B_PUBLIC"));
  out.private_area = TRY(WireForm(Tss2_MU_TPM2B_PRIVATE_Marshal, *owned_private, "TPM2B_PRIVATE"));
  return out;
}

Result<Loaded> Load(ESYS_CONTEXT* context, const Loaded& primary, const Sealed& sealed) {
  const auto public_area = TRY(FromWireForm<TPM2B_PUBLIC>(Tss2_MU_TPM2B_PUBLIC_Unmarshal,
                                                          sealed.public_area, "TPM2B_PUBLIC"));
  const auto private_area = TRY(FromWireForm<TPM2B_PRIVATE>(Tss2_MU_TPM2B_PRIVATE_Unmarshal,
                                                            sealed.private_area, "TPM2B_PRIVATE"));
  ESYS_TR handle = kNone;
  const auto loaded = Succeeded(Esys_Load(context, primary.get(), ESYS_TR_PASSWORD, kNone, kNone,
                                          &private_area, &public_area, &handle),
                                "TPM2_Load");
  if (loaded) return Loaded(context, handle);
  return Fail(ErrorCode::kInvalidArgument, loaded.error().message,
              "it was sealed by another TPM, or this one was cleared, or the file was changed");
}

}  // namespace

Result<Sealed> Seal(Tpm& tpm, const PcrValues& pcrs, const SecretBytes& secret) {
  TPM2B_SENSITIVE_CREATE sensitive{};
  auto& data = sensitive.sensitive.data;
  if (secret.size() > sizeof data.buffer) {
    return Fail(ErrorCode::kInvalidArgument, "TPM: expected a secret of at most 128 bytes");
  }
  const Loaded primary = TRY(StoragePrimary(tpm.raw()));
  const TPM2B_DIGEST policy = TRY(PolicyOf(tpm.raw(), primary, pcrs));
  data.size = static_cast<UINT16>(secret.size());
  std::transform(secret.view().begin(), secret.view().end(), data.buffer, ToU8);
  Result<Sealed> out = Create(tpm.raw(), primary, SealedTemplate(policy), sensitive);
  Cleanse(std::as_writable_bytes(std::span(&sensitive, 1)));
  return out;
}

Result<SecretBytes> Unseal(Tpm& tpm, const std::vector<std::uint32_t>& pcrs, const Sealed& sealed) {
  ESYS_CONTEXT* const context = tpm.raw();
  const Loaded primary = TRY(StoragePrimary(context));
  const Loaded object = TRY(Load(context, primary, sealed));
  const Loaded session = TRY(Session(context, primary, TPM2_SE_POLICY, TPMA_SESSION_ENCRYPT));
  constexpr TPM2B_DIGEST kAsTheyAre{};
  const TPML_PCR_SELECTION selection = Sha256Pcrs(pcrs);
  TRY_VOID(Succeeded(
      Esys_PolicyPCR(context, session.get(), kNone, kNone, kNone, &kAsTheyAre, &selection),
      "TPM2_PolicyPCR"));
  TPM2B_SENSITIVE_DATA* data = nullptr;
  const auto opened = Succeeded(
      Esys_Unseal(context, object.get(), session.get(), kNone, kNone, &data), "TPM2_Unseal");
  if (!opened) {
    return Fail(ErrorCode::kInvalidArgument, opened.error().message,
                "its PCRs have other values than those it was sealed to");
  }
  const EsysPtr<TPM2B_SENSITIVE_DATA> owned(data);
  SecretBytes out(Buffer(*owned));
  Cleanse(std::as_writable_bytes(std::span(data, 1)));
  return out;
}

}  // namespace assay::tpm2
