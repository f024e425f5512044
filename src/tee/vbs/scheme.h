#pragma once

#include "tee/core/scheme.h"

namespace assay {

// "vbs": an enclave of Windows' virtualization-based security, on a machine with a TPM.
//
// The chain of trust: the TPM quotes how Windows started; the measured log of that start holds the
// key that the secure kernel signs reports with; the report says what the enclave is and holds the
// SHA-512 of a statement. A JSON object of Assay's own, as Azure's protocol sends these:
//   {"assay-evidence": "vbs/1",
//    "statement": "what the enclave vouches for", "report": "EnclaveGetAttestationReport",
//    "ak" or "ak_jwk", "ak_certificates", "quotes", "pcrs", "event_log", ...}   as in "tpm/1"
extern const Scheme kVbsScheme;

}  // namespace assay
