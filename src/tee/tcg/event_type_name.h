// Names of event types, as the Platform Firmware Profile writes them.
#pragma once

#include <cstdint>
#include <string>

namespace assay::tcg {

// "EV_SEPARATOR"; for a type of no known name its number, "0x8000f001".
std::string EventTypeName(std::uint32_t type);

}  // namespace assay::tcg
