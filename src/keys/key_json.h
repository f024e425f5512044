// Versions of keys as they stand in the store and in backups.
#pragma once

#include <string_view>

#include "base/json.h"
#include "keys/key.h"

namespace assay::keys {

// Everything but the sealed material; the bytes of it, written, are what the seal authenticates.
json::Object MetadataJson(const KeyVersion& version);
Result<KeyVersion> MetadataFromJson(const json::Value& document);

}  // namespace assay::keys
