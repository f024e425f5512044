// A secret sealed by a TPM: it gives it back only while certain PCRs have certain values.
//
// The sealed object (TPM 2.0 Part 1, 27.6) is a child of the storage primary key of the owner
// hierarchy, which each TPM derives from its own seed, and has no password: its policy is
// TPM2_PolicyPCR alone. On the bus to the TPM the secret is encrypted both ways (Part 1, 21): by
// sessions with AES-128-CFB, salted to the primary key.
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "tpm2/tpm.h"

namespace assay::tpm2 {

struct Sealed {
  Bytes public_area;   // TPM2B_PUBLIC
  Bytes private_area;  // TPM2B_PRIVATE: encrypted by the TPM
};

using PcrValues = std::map<std::uint32_t, Bytes>;  // SHA-256 bank

// At most 128 bytes (MAX_SYM_DATA), for those values of the PCRs, whatever they are now.
Result<Sealed> Seal(Tpm& tpm, const PcrValues& pcrs, const SecretBytes& secret);
// kInvalidArgument when it was sealed by another TPM or was changed, and when the PCRs have other
// values now.
Result<SecretBytes> Unseal(Tpm& tpm, const std::vector<std::uint32_t>& pcrs, const Sealed& sealed);

}  // namespace assay::tpm2
