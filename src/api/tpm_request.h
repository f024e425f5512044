// Messages of Azure's protocol for TPMs and VBS enclaves, of version 1 (typ attReq) and 2
// (attReqV2).
//
// Source: azure-docs, attestation/virtualization-based-security-protocol.md. The request is a JWS
// that the key inside it signs: that proves that the sender holds the key, and nothing else. What
// binds the key to the TPM or to an enclave is checked with the evidence.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/attest_service.h"

namespace assay {

// {"type": "aikcert"}, or {"request": JWS}, bare or as the member "payload".
struct TpmMessage {
  bool wrapped = false;
  std::optional<std::string> request;  // none: a challenge is asked for
};
Result<TpmMessage> ParseTpmMessage(std::string_view json);

struct TpmRequest {
  AttestRequest attest;
  Bytes challenge;        // that the sender says it answers
  Bytes service_context;  // that came with it
};
Result<TpmRequest> ParseTpmRequest(std::string_view jws, std::string_view issuer);

}  // namespace assay
