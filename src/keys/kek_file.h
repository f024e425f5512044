// Files of key-encryption keys, which only their owner may read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace assay::keys {

// At most `most` bytes of it, and no more in memory than there are. kMissing if there is no file.
Result<SecretBytes> ReadPrivateFile(const std::string& path, std::size_t most);
// On disk when it returns; a file of that name that is there stays.
Result<void> WriteKekFile(const std::string& folder, const std::string& name,
                          std::string_view text);
// 32 hexadecimal digits: an id names a file.
Result<void> CheckKekId(std::string_view id);

}  // namespace assay::keys
