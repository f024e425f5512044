#include "tpm2/tss.h"

#include <fmt/format.h>
#include <tss2/tss2_rc.h>

namespace assay::tpm2 {
namespace {

std::string HintFor(TSS2_RC code) {
  constexpr TSS2_RC kFormatOne = 0x080, kNumbers = 0xF40;
  if (code == TPM2_RC_LOCKOUT) return "the TPM is in dictionary attack lockout; wait or clear it";
  if (code == TPM2_RC_OBJECT_MEMORY) {
    return "all slots for keys are taken; use the resource manager, /dev/tpmrm0";
  }
  // The number of parameter, handle or session is no part of the code (Part 2, 6.6.2).
  const TSS2_RC bare = (code & kFormatOne) != 0 ? code & ~kNumbers : code;
  if (bare == TPM2_RC_INTEGRITY) {
    return "the credential was made for another attestation key or another TPM";
  }
  if (bare == TPM2_RC_AUTH_FAIL || bare == TPM2_RC_BAD_AUTH) {
    return "the hierarchy or key has a password, and the empty one was used";
  }
  return {};
}

}  // namespace

Result<void> Succeeded(TSS2_RC code, std::string_view doing) {
  if (code == TSS2_RC_SUCCESS) return {};
  return Fail(ErrorCode::kIo,
              fmt::format("TPM: {}: {} (0x{:x})", doing, Tss2_RC_Decode(code), code),
              HintFor(code));
}

TPML_PCR_SELECTION Sha256Pcrs(const std::vector<std::uint32_t>& pcrs) {
  constexpr UINT8 kPcrSelectBytes = 3;  // PCR 0 to 23, PC Client profile
  TPML_PCR_SELECTION out{};
  out.count = 1;
  out.pcrSelections[0].hash = TPM2_ALG_SHA256;
  out.pcrSelections[0].sizeofSelect = kPcrSelectBytes;
  for (const std::uint32_t pcr : pcrs) {
    auto& bits = out.pcrSelections[0].pcrSelect[pcr / 8];
    bits = static_cast<BYTE>(bits | 1U << (pcr % 8));
  }
  return out;
}

}  // namespace assay::tpm2
