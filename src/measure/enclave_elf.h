// Where an SGX enclave that is a shared object keeps its SIGSTRUCT.
//
// Sources: System V gABI "ELF-64" (headers and sections); intel/linux-sgx
// psw/urts/parser/elfparser.cpp and common/inc/internal/metadata.h (the note .note.sgxmeta);
// openenclave include/openenclave/bits/sgx/sgxproperties.h (the section .oeinfo).
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace assay::measure {

bool LooksLikeElf(View file);

// The bytes of the SIGSTRUCT; ReadSigstruct judges them. Intel's SDK writes metadata for several
// versions of its loader: they must hold the same one. An error for an image with none, or with
// two.
Result<View> SigstructInElf(View file);

}  // namespace assay::measure
