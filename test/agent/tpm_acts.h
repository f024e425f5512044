// What others do to a TPM: firmware, manufacturers, clouds, and a verifier that challenges it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "tpm2/tpm.h"

struct TPM2B_PUBLIC;

namespace assay {

// Extends what the logs say into the SHA-256 bank, as firmware and kernel did.
void ReplayBoot(tpm2::Tpm& tpm, View event_log, View ima_log);
void ExtendPcr(tpm2::Tpm& tpm, std::uint32_t pcr, View sha256);
void WriteNv(tpm2::Tpm& tpm, std::uint32_t index, View content);
// Makes a primary key of that area persistent.
void Persist(tpm2::Tpm& tpm, const TPM2B_PUBLIC& area, std::uint32_t handle);

struct Credential {
  Bytes blob;    // TPM2B_ID_OBJECT
  Bytes secret;  // TPM2B_ENCRYPTED_SECRET
};
// By the TPM's own TPM2_MakeCredential, for the endorsement key in TPM2B_PUBLIC.
Credential MakeCredential(tpm2::Tpm& tpm, View ek_public, View ak_name, View content);

}  // namespace assay
