// Keys beside the attestation key of a simulated TPM: their public areas, and TPM2_Certify.
#pragma once

#include <cstdint>

#include "base/json.h"
#include "crypto/signing_key.h"
#include "simulate/parts.h"
#include "simulate/tpm_logs.h"

namespace assay::simulate {

// TPMA_OBJECT of Azure's keys, as its example of 2025-06-01 has them: fixedTPM, fixedParent and
// sensitiveDataOrigin; one decrypts, the other signs what the TPM made.
inline constexpr std::uint32_t kSealingAttributes = 0x00020432, kRsaAkAttributes = 0x00050472;

// TPMT_PUBLIC of an RSA key of 2048 bits; one that signs does so by RSASSA over SHA-256.
Bytes RsaArea(const PublicParameters& key, std::uint32_t attributes, View policy);

// The same of a key on P-256, of any scheme.
Result<Bytes> EccArea(const VendorKey& key, std::uint32_t attributes);

// The policy that TPM2_PolicyPCR makes of PCR 0 to 14 in that state.
Bytes PcrPolicyOf(const TpmLogs& logs);

// TPMS_ATTEST of type certify, for the key of that name.
Bytes CertificationOf(View name, View signer, View nonce);

// The member of "certified_keys" for the key of that area, by the attestation key `signer`.
Result<json::Value> CertifiedKeyJson(View area, View certification, const VendorKey& signer);

}  // namespace assay::simulate
