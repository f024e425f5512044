// What shim carries inside itself and measures: its vendor's certificate, its SBAT level.
//
// Source: rhboot/shim, cert.S (section .vendor_cert), include/sbat_var_defs.h and sbat_var.S
// (section .sbatlevel), SBAT.md; observed in Debian's shim 16.1.
#pragma once

#include <string>

#include "measure/pe_image.h"

namespace assay::measure {

// The certificate in .vendor_cert that shim trusts besides db. An error when the section is absent,
// or holds a list of certificates (vendor_db) in its place.
Result<View> VendorCertificate(const PeImage& shim);

// The revocations that shim sets by itself under Secure Boot ("automatic"), without a NUL.
Result<std::string> AutomaticSbatLevel(const PeImage& shim);

// What the variable SbatLevel holds once shim has run: `stored`, unless shim's is newer by the date
// in its first line.
Result<std::string> SbatLevelAfter(std::string_view stored, std::string_view automatic);

}  // namespace assay::measure
