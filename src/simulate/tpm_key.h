// The attestation key of a simulated TPM: its public area, name and signatures.
#pragma once

#include "simulate/parts.h"

namespace assay::simulate {

// TPMT_PUBLIC of a restricted ECDSA key (TPM 2.0 Part 2 §12.2.4), P-256.
Result<Bytes> AttestationKeyArea(const VendorKey& key, const Order& order);
// TPMT_SIGNATURE over a TPMS_ATTEST.
Result<Bytes> SignatureOf(View quote, const VendorKey& key, const Order& order);
// Part 1 §16.
Bytes NameOfArea(View public_area);

}  // namespace assay::simulate
