// Files of a guest, also those of securityfs, which say that they are empty.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

Result<Bytes> ReadFile(const std::filesystem::path& path, std::size_t max_bytes);
// Nothing if there is no such file; one that cannot be read is an error.
Result<std::optional<Bytes>> ReadFileIfThere(const std::filesystem::path& path,
                                             std::size_t max_bytes);
// All of it into an open file; false, and errno, if that failed.
bool WriteAll(int descriptor, View content);
// Readable by the owner only; whole or not at all.
Result<void> WriteFile(const std::filesystem::path& path, View content);

}  // namespace assay
