// Which keys a machine attests with, and what vouches for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/tpm_key.h"

namespace assay::agent {

// In place of the key that the agent makes itself: one that a cloud or a manufacturer put there.
struct KeyOptions {
  std::optional<std::uint32_t> ak_handle = {};             // persistent, for example 0x81000003
  std::optional<std::uint32_t> ak_certificate_index = {};  // NV, for example 0x01C101D0
  std::optional<std::uint32_t> idevid_certificate_index =
      {};  // NV: the machine's IDevID, with an IAK
};

struct AttestationKey {
  TpmKey key;
  std::vector<Bytes> certificates;  // DER, leaf first; empty for a key that the agent makes
  // First 32 characters of the hexadecimal digest in its name (Part 1, section 16): who this
  // machine is, for the service and for itself.
  std::string machine;
};
Result<AttestationKey> OpenAttestationKey(Tpm& tpm, const KeyOptions& options);

struct EndorsementKey {
  TpmKey key;
  std::vector<Bytes> certificates;  // DER, leaf first; empty if the TPM has none
};
// The one that the TPM has a certificate for; RSA 2048 if there is no certificate.
Result<EndorsementKey> OpenEndorsementKey(Tpm& tpm);

// All certificates at an NV index: DER, one behind the other, then padding. An absent index is an
// error.
Result<std::vector<Bytes>> CertificatesAt(Tpm& tpm, std::uint32_t index);

// The certificates at the begin of what an NV index holds.
std::vector<Bytes> SplitCertificates(View content);

}  // namespace assay::agent
