// The templates from which a TPM makes the agent's keys: the same seed and the same template give
// the same key, after each boot, so that nothing has to be stored.
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::agent {

// Endorsement keys: TCG EK Credential Profile for TPM 2.0, version 2.5, annex B. Which one a
// machine has is told by the NV index that holds its certificate (section 2.2.1.4).
struct EkTemplate {
  std::string_view name;
  std::uint32_t certificate_index;
  std::uint32_t persistent_handle;  // where provisioning puts the key (TCG handle registry)
  TPM2B_PUBLIC area;
};
EkTemplate EkRsa2048();  // L-1
EkTemplate EkEccP256();  // L-2
EkTemplate EkEccP384();  // H-3

// The attestation key "assay-ak-1": ECDSA on P-256, restricted, a primary of the endorsement
// hierarchy. Changing one bit makes another key of each machine, which must then enrol anew.
TPM2B_PUBLIC AttestationKeyTemplate();

// The runtime key "assay-runtime-1", which released keys are wrapped to: RSA 2048, for decryption
// only. It belongs into the null hierarchy.
TPM2B_PUBLIC RuntimeKeyTemplate();

}  // namespace assay::agent
