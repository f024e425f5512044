// TPM2_MakeCredential in software: a secret that only the TPM of an endorsement key can read, and
// only if it also holds the key of a given name.
//
// Source: TPM 2.0 Library Part 1, 1.59, section 24 (credential protection), 11.4.10.2 and .3 (KDFa,
// KDFe), B.10.3 (RSA secret sharing), C.6.3 (ECC secret sharing); Part 2, 11.4.3, 12.4.2.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tpm/structures.h"

namespace assay::tpm {

struct Credential {
  Bytes blob;              // TPM2B_ID_OBJECT
  Bytes encrypted_secret;  // TPM2B_ENCRYPTED_SECRET
};

// Whether a credential can be made for the key: RSA or ECC, AES-128 or AES-256 in CFB mode, name
// algorithm SHA-256 or SHA-384. The error names what is not so.
Result<void> CheckStorageParameters(const PublicArea& endorsement_key);

// `name` is the whole name, its algorithm included. `secret` is not empty and not longer than the
// digest of the endorsement key's name algorithm, the most that TPM2_ActivateCredential takes.
Result<Credential> MakeCredential(const PublicArea& endorsement_key, View name, View secret);

}  // namespace assay::tpm
