// What AMD says of the chip in the extensions of a VCEK or VLEK certificate.
//
// Clause: AMD 57230 "VCEK/VLEK Certificate and KDS Interface", certificate extensions
// 1.3.6.1.4.1.3704.1.x.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "tee/snp/tcb.h"

namespace assay::snp {

struct VcekExtensions {
  std::uint8_t struct_version = 0;
  std::string product_name;  // "Milan-B0"
  Product product = Product::kMilan;
  TcbParts tcb;
  std::optional<Bytes> hwid;          // VCEK: 64 bytes, 8 on Turin
  std::optional<std::string> csp_id;  // VLEK: the cloud provider
};

Result<VcekExtensions> ParseVcekExtensions(const Certificate& certificate);

}  // namespace assay::snp
