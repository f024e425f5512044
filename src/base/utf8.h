// UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

// The bytes of the code point at the beginning of `text`; 0 when it is no UTF-8 (RFC 3629 §4).
std::size_t CodePointSize(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace assay
