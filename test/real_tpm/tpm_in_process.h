// A real TPM 2.0 in this process: libtpms, the reference implementation that swtpm runs, with its
// state in memory. There is one for each process, made anew by Start().
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tpm/make_credential.h"

namespace assay::testing {

struct TpmObject {
  std::uint32_t handle = 0;
  Bytes public_area;  // TPMT_PUBLIC
};

class TpmInProcess {
 public:
  TpmInProcess();
  ~TpmInProcess();
  TpmInProcess(const TpmInProcess&) = delete;
  TpmInProcess& operator=(const TpmInProcess&) = delete;

  // TPM2_CreatePrimary in the endorsement hierarchy, without authorisation, of a TPMT_PUBLIC.
  TpmObject CreatePrimary(View public_template);
  // TPM2_ActivateCredential: the secret, or the TPM's response code in the error.
  Result<Bytes> Activate(const TpmObject& attestation_key, const TpmObject& endorsement_key,
                         const tpm::Credential& credential);

  struct SignedQuote {
    Bytes message, signature;  // TPMS_ATTEST, TPMT_SIGNATURE
  };
  // TPM2_Quote of PCR 0 to 14 of the SHA-256 bank; nobody extended one, so all are zero.
  SignedQuote Quote(const TpmObject& attestation_key, View nonce);

 private:
  // The response behind its header. A TPM may answer TPM_RC_RETRY, as this one does when a key with
  // dictionary attack protection is used for the first time: asked again, it obeys (Part 2, 6.6.3).
  Result<Bytes> Run(View command, unsigned tries = 2);
};

}  // namespace assay::testing
