// The body of POST /attest/AzureGuest: evidence of a virtual machine of Azure, of Trusted Launch or
// confidential, and the key of its virtual TPM that the answer is sealed to.
//
// Source: the example of the REST API 2025-06-01 (AttestAzureGuestVm.json), and Azure's client
// library (confidential-computing-cvm-guest-attestation, AttestationParameters.cpp,
// IsolationInfo.cpp). Binary members are base64; the whole is base64 or base64url.
#pragma once

#include <string_view>

#include "api/attest_service.h"
#include "crypto/asymmetric_key.h"

namespace assay {

struct GuestRequest {
  AttestRequest attest;
  AsymmetricKey sealing_key;
};
Result<GuestRequest> ParseGuestRequest(std::string_view body);

// The token for nobody but the holder of that key: {"Jwt", "EncryptedInnerKey",
// "EncryptionParams", "AuthenticationData"} in base64url.
Result<std::string> SealToken(std::string_view token, const AsymmetricKey& key);

}  // namespace assay
