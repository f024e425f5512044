// Percent-encoding of URLs (RFC 3986 §2.1).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace assay {

// All but the unreserved characters (§2.3) are encoded.
std::string PercentEncode(std::string_view text);
// kMalformed for a '%' without two hexadecimal digits behind it.
Result<std::string> PercentDecode(std::string_view text);
// The same for a value of a query, in which clients write '+' for a space (HTML's form encoding).
Result<std::string> DecodeQueryValue(std::string_view text);

}  // namespace assay
