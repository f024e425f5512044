// The attestation report of a VBS enclave, as EnclaveGetAttestationReport returns it.
//
// Source: ntenclv.h of the Windows SDK: VBS_ENCLAVE_REPORT_PKG_HEADER, VBS_ENCLAVE_REPORT,
// ENCLAVE_IDENTITY, VBS_ENCLAVE_REPORT_VARDATA_HEADER, VBS_ENCLAVE_REPORT_MODULE. Integers are
// little-endian, structures packed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace assay::vbs {

// A module that is loaded in the enclave.
struct Module {
  View unique_id, author_id, family_id, image_id;
  std::uint32_t svn = 0;
  std::string name;
};

struct Report {
  View statement;     // as signed
  View signature;     // RSA-PSS over SHA-256
  View enclave_data;  // 64 bytes that the enclave chose
  // ENCLAVE_IDENTITY, of the primary module.
  View owner_id, unique_id, author_id, family_id, image_id;
  std::uint32_t enclave_svn = 0, secure_kernel_svn = 0, platform_svn = 0;
  std::uint32_t flags = 0, signing_level = 0, enclave_type = 0;
  std::vector<Module> modules;

  // ENCLAVE_FLAG_FULL_DEBUG_ENABLED, _DYNAMIC_DEBUG_ENABLED, _DYNAMIC_DEBUG_ACTIVE.
  bool debuggable() const { return (flags & 7U) != 0; }
};
Result<Report> ParseReport(View bytes);

// SIPAEVENT_VSM_IDK_INFO_PAYLOAD (wbcl.h): the key that signs reports, as the boot measured it.
Result<PublicKey> ParseIdentityKey(View bytes);

}  // namespace assay::vbs
