// Reports of a simulated VBS enclave, and the boot of the machine around it.
#pragma once

#include "crypto/signing_key.h"
#include "simulate/parts.h"

namespace assay::simulate {

// SIPAEVENT_VSM_IDK_INFO_PAYLOAD of an RSA key (wbcl.h).
Result<Bytes> IdentityKeyInfo(const SigningKey& key);

// What EnclaveGetAttestationReport returns (ntenclv.h) for an enclave that vouches for `statement`.
Result<Bytes> VbsReport(View statement, const SigningKey& identity_key, const Order& order);

// A boot of Windows whose signer `out` then trusts.
Result<TpmBoot> WindowsBootOf(const SigningKey& identity_key, const Order& order, Simulation& out);

}  // namespace assay::simulate
