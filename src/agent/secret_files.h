// Secrets as files for a program that reads files: in memory, never on a disk.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::agent {

// A folder on tmpfs or ramfs that its owner alone may enter (0700). Made if it is missing; one that
// others may enter, or that is on a disk, is an error.
class SecretFolder {
 public:
  static Result<SecretFolder> Open(const std::filesystem::path& path);
  SecretFolder(SecretFolder&& other) noexcept;
  SecretFolder& operator=(SecretFolder&&) = delete;
  SecretFolder(const SecretFolder&) = delete;
  ~SecretFolder();

  // A new file of that name (0400), in place of an older one.
  Result<std::filesystem::path> Write(std::string_view name, View content) const;

 private:
  SecretFolder(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace assay::agent
