// What verified evidence says, in Assay's own names. token/ maps them to the names of each API.
#pragma once

#include "base/json.h"

namespace assay {

// Bytes are lower-case hexadecimal strings, version numbers integers, flags booleans.
using Claims = json::Object;

}  // namespace assay
