// The inverse of crypto/der.h, for the vendor extensions of simulated certificates.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/bytes.h"

namespace assay::simulate {

Bytes DerElement(std::uint8_t tag, View content);
Bytes DerSequence(std::initializer_list<Bytes> members);
Bytes DerInteger(std::uint32_t value);
Bytes DerOid(const std::string& dotted);

}  // namespace assay::simulate
