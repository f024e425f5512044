// Open Enclave's two endorsement blobs (openenclave include/openenclave/internal/report.h and
// host/sgx/sgxquote): containers of Intel collateral, in a text form.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

// Whether the blob begins as one of the two does. Decides nothing about its validity.
bool LooksLikeOeEndorsements(View blob);

// The items that are collateral, in their order in the blob, each without its NUL terminator.
Result<std::vector<Bytes>> ParseOeEndorsements(View blob);

}  // namespace assay
