// Endorsements from files, recognised by their content: file names carry no meaning, because every
// tool chain names them differently.
//
// Recognised: PEM certificates and CRLs (also URL-encoded, as Intel's PCS sends issuer chains, and
// with trailing NUL bytes), DER certificates, runs of them and DER CRLs, the same as hexadecimal or
// base64 text, Intel's signed JSON (TCB info, enclave identity), JSON bundles that hold any of
// these as members, and Open Enclave endorsements. Nothing is trusted by being loaded.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/collateral.h"

namespace assay {

// The DER of CRLs by their digest, for whoever exports them: Crl itself keeps only the parsed form.
using CrlDer = std::map<Sha256Digest, Bytes>;

// Every piece of collateral in the folder and up to three levels of subfolders (or in one file), in
// the order of the sorted paths, each once. Symbolic links are not followed. Files that are not
// collateral, or are broken, are passed over with a line in `notes` (which may be null).
Result<Collateral> LoadCollateralDir(const std::filesystem::path& path,
                                     std::vector<std::string>* notes, CrlDer* crl_der = nullptr);

// Adds what `file_content` holds. kUnsupported: it is no collateral, nothing was added. kMalformed:
// it is broken; of a container (JSON bundle, OE blob) the readable members may have been added.
Result<void> AddCollateral(View file_content, Collateral& collateral, CrlDer* crl_der = nullptr);

}  // namespace assay
