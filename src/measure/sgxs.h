// SGXS, the stream form of an SGX enclave: the very records whose digest is MRENCLAVE.
//
// Sources: Intel SDM Vol. 3D, "ECREATE", "EADD", "EEXTEND" and "EINIT" (the records, and what the
// processor demands of them); fortanix/rust-sgx intel-sgx/sgxs (the stream, its canonical form, and
// UNMEASRD: content that is loaded and not measured).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace assay::measure {

struct SgxsMeasurement {
  Sha256Digest mrenclave{};
  std::uint64_t size = 0;            // of the enclave's address range
  std::uint64_t pages = 0;           // that are added
  std::uint64_t measured_bytes = 0;  // of their content; the rest is not in MRENCLAVE
};

bool LooksLikeSgxs(View file);

// The whole file must be one canonical stream: ECREATE, then pages in the order of their addresses,
// each followed by pieces of its content.
Result<SgxsMeasurement> MeasureSgxs(View file);

}  // namespace assay::measure
