// Text forms of bytes: hexadecimal (RFC 4648 §8), base64 (§4) and base64url without padding (§5).
// Decoders are strict: no white space, no stray characters, no non-zero trailing bits.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

std::string HexEncode(View bytes);  // lower case
Result<Bytes> HexDecode(std::string_view text);

std::string Base64Encode(View bytes);
Result<Bytes> Base64Decode(std::string_view text);  // padding required

std::string Base64UrlEncode(View bytes);
// Accepts padding, which some Azure clients send, but never requires it.
Result<Bytes> Base64UrlDecode(std::string_view text);

}  // namespace assay
