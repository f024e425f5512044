#include "agent/tpm_acts.h"

#include <algorithm>
#include <stdexcept>

#include "tee/tcg/event_log.h"
#include "tee/tpm/ima_log.h"
#include "tpm2/tss.h"

namespace assay {
namespace {

constexpr auto kNone = ESYS_TR_NONE;

void Must(TSS2_RC code, const char* what) {
  if (const auto done = tpm2::Succeeded(code, what); !done) {
    throw std::runtime_error(done.error().message);
  }
}

template <typename T>
T Sized(View content) {
  T out{};
  if (content.size() > sizeof out - sizeof out.size) throw std::runtime_error("too large");
  out.size = static_cast<UINT16>(content.size());
  auto* const to = reinterpret_cast<BYTE*>(&out) + sizeof out.size;
  std::transform(content.begin(), content.end(), to, ToU8);
  return out;
}

}  // namespace

void ExtendPcr(tpm2::Tpm& tpm, std::uint32_t pcr, View sha256) {
  TPML_DIGEST_VALUES values{};
  values.count = 1;
  values.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::transform(sha256.begin(), sha256.end(), values.digests[0].digest.sha256, ToU8);
  Must(Esys_PCR_Extend(tpm.raw(), pcr, ESYS_TR_PASSWORD, kNone, kNone, &values), "extend");
}

void ReplayBoot(tpm2::Tpm& tpm, View event_log, View ima_log) {
  constexpr auto kBank = tcg::HashAlgorithm::kSha256;
  const tcg::EventLog log = tcg::ParseEventLog(event_log).value();
  for (const tcg::Event& event : log.events) {
    if (event.type != tcg::kEvNoAction) ExtendPcr(tpm, event.index, event.Digest(kBank));
  }
  const std::vector<tpm::ImaEntry> entries = tpm::ParseImaLog(ima_log).value();
  for (const tpm::ImaEntry& entry : entries) {
    const Bytes digest =
        entry.violation ? Bytes(32, std::byte{0xFF}) : tcg::Hash(kBank, entry.template_data);
    ExtendPcr(tpm, entry.pcr, digest);
  }
}

void WriteNv(tpm2::Tpm& tpm, std::uint32_t index, View content) {
  constexpr std::size_t kPiece = 1024;
  TPM2B_NV_PUBLIC area{};
  area.nvPublic.nvIndex = index;
  area.nvPublic.nameAlg = TPM2_ALG_SHA256;
  area.nvPublic.attributes =
      TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_AUTHREAD | TPMA_NV_NO_DA;
  area.nvPublic.dataSize = static_cast<UINT16>(content.size());
  const TPM2B_AUTH no_password{};
  ESYS_TR handle = kNone;
  Must(Esys_NV_DefineSpace(tpm.raw(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, kNone, kNone,
                           &no_password, &area, &handle),
       "NV define");
  for (std::size_t offset = 0; offset < content.size(); offset += kPiece) {
    const auto piece = Sized<TPM2B_MAX_NV_BUFFER>(
        content.subspan(offset, std::min(kPiece, content.size() - offset)));
    Must(Esys_NV_Write(tpm.raw(), ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, kNone, kNone, &piece,
                       static_cast<UINT16>(offset)),
         "NV write");
  }
  Must(Esys_TR_Close(tpm.raw(), &handle), "close");
}

void Persist(tpm2::Tpm& tpm, const TPM2B_PUBLIC& area, std::uint32_t handle) {
  const TPM2B_SENSITIVE_CREATE no_password{};
  const TPM2B_DATA nothing{};
  const TPML_PCR_SELECTION no_pcrs{};
  ESYS_TR key = kNone, kept = kNone;
  Must(Esys_CreatePrimary(tpm.raw(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, kNone, kNone, &no_password,
                          &area, &nothing, &no_pcrs, &key, nullptr, nullptr, nullptr, nullptr),
       "create primary");
  Must(Esys_EvictControl(tpm.raw(), ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD, kNone, kNone, handle,
                         &kept),
       "make persistent");
  Must(Esys_TR_Close(tpm.raw(), &kept), "close");
  Must(Esys_FlushContext(tpm.raw(), key), "flush");
}

Credential MakeCredential(tpm2::Tpm& tpm, View ek_public, View ak_name, View content) {
  const auto area =
      tpm2::FromWireForm<TPM2B_PUBLIC>(Tss2_MU_TPM2B_PUBLIC_Unmarshal, ek_public, "EK").value();
  ESYS_TR key = kNone;
  Must(Esys_LoadExternal(tpm.raw(), kNone, kNone, kNone, nullptr, &area, ESYS_TR_RH_NULL, &key),
       "load EK");
  const auto digest = Sized<TPM2B_DIGEST>(content);
  const auto name = Sized<TPM2B_NAME>(ak_name);
  TPM2B_ID_OBJECT* blob = nullptr;
  TPM2B_ENCRYPTED_SECRET* secret = nullptr;
  Must(Esys_MakeCredential(tpm.raw(), key, kNone, kNone, kNone, &digest, &name, &blob, &secret),
       "make credential");
  const tpm2::EsysPtr<TPM2B_ID_OBJECT> owned_blob(blob);
  const tpm2::EsysPtr<TPM2B_ENCRYPTED_SECRET> owned_secret(secret);
  Must(Esys_FlushContext(tpm.raw(), key), "flush");
  return {tpm2::WireForm(Tss2_MU_TPM2B_ID_OBJECT_Marshal, *blob, "blob").value(),
          tpm2::WireForm(Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal, *secret, "secret").value()};
}

}  // namespace assay
