// The public point of an EC key. Included by sources of crypto/ only.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/openssl_ptr.h"

namespace assay {

// x ‖ y, big-endian, each of the curve's size.
Result<Bytes> PointOf(const EVP_PKEY* key);

}  // namespace assay
