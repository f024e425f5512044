// The policy that holds for an attestation type until its owner sets one.
#pragma once

#include <optional>
#include <string_view>

#include "policy/claim_table.h"

namespace assay::policy {

// To the byte what Azure uses where that is known, so that x-ms-policy-hash is the same: for SGX
// and Open Enclave from recorded answers, for SEV-SNP by the hash in a real token. Nothing for Tpm
// and VbsEnclave, which Azure leaves without a default (azure-tpm-vbs-attestation-usage.md,
// basic-concepts.md): everything is denied until a policy is set.
std::optional<std::string_view> DefaultPolicy(AttestationType type);

}  // namespace assay::policy
