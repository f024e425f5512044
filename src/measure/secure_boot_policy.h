// PCR 7: the Secure Boot policy of a machine, and what let its boot loaders start.
//
// Sources: PFP 1.06 §3.3.4.8; EDK II SecurityPkg (Tcg2Dxe: the order of the variables;
// DxeImageVerificationLib: which entry of db is the authority); rhboot/shim (SbatLevel, MokListRT).
#pragma once

#include <optional>
#include <string>

#include "crypto/authenticode_signature.h"
#include "measure/expected_event.h"
#include "measure/pe_image.h"
#include "measure/uefi_variables.h"

namespace assay::measure {

// UEFI_VARIABLE_DATA (PFP 1.06 §10.2.6), over which the digests of variables are.
Bytes VariableEventData(const tcg::Guid& vendor, std::string_view name, View data);

struct Authority {
  tcg::Guid vendor{};
  std::string variable;
  Bytes data;
};

// SecureBoot, PK, KEK, db and dbx, absent ones as empty; the separator; then the authorities.
ExpectedEvents SecureBootEvents(const UefiVariables& variables,
                                const std::vector<Authority>& authorities, const Banks& banks);

// The entry of db (EFI_SIGNATURE_DATA) by which firmware starts `image`: for its signatures in turn
// the first certificate of db that verifies one, else its digest. An error when db allows it not,
// or dbx forbids its digest.
Result<Authority> AuthorityOf(const PeImage& image, const UefiVariables& variables);

// Why the images of a chain may start: db for shim, shim's SBAT level, and shim's certificate for
// `loaded` (GRUB, kernel), which it has to verify. Not covered: MOKs, and boot loaders that db
// itself vouches for.
Result<std::vector<Authority>> ShimAuthorities(const PeImage& shim,
                                               const std::vector<const PeImage*>& loaded,
                                               const UefiVariables& variables);

}  // namespace assay::measure
