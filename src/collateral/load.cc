#include "collateral/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/limits.h"
#include "collateral/recognise.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kFolderDepth = 3;

void Note(std::vector<std::string>* notes, std::string line) {
  if (notes != nullptr) notes->push_back(std::move(line));
}

Result<Bytes> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorCode::kIo, fmt::format("cannot open {}", path.string()));
  // One byte more than allowed is asked for, so that a file which grows meanwhile is noticed too.
  Bytes content(limits::kCollateralFileBytes + 1);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return Fail(ErrorCode::kIo, fmt::format("cannot read {}", path.string()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > limits::kCollateralFileBytes) {
    return Fail(ErrorCode::kUnsupported, "larger than any collateral");
  }
  return content;
}

// Regular files only: a link could lead out of the folder, a pipe or device could block.
Result<void> ListFiles(const fs::path& folder, int depth, std::vector<fs::path>& files,
                       std::vector<std::string>* notes) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
    std::error_code status_error;
    const fs::path& path = entries->path();
    const fs::file_type type = entries->symlink_status(status_error).type();
    if (type == fs::file_type::directory) {
      if (depth == 0) {
        Note(notes, path.string() + ": too deep, passed over");
        continue;
      }
      TRY_VOID(ListFiles(path, depth - 1, files, notes));
    } else if (type == fs::file_type::regular) {
      // What a store notes about its files (store.h) is no collateral.
      if (path.filename() != ".lock" && path.extension() != ".meta") files.push_back(path);
    } else {
      Note(notes, path.string() + ": not a regular file, passed over");
    }
    if (files.size() > limits::kCollateralFiles) {
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{} holds more than {} files", folder.string(), limits::kCollateralFiles),
          "name a folder that holds only collateral");
    }
  }
  if (error) {
    return Fail(ErrorCode::kIo,
                fmt::format("cannot list {}: {}", folder.string(), error.message()));
  }
  return {};
}

}  // namespace

Result<void> AddCollateral(View file_content, Collateral& collateral, CrlDer* crl_der) {
  return Recogniser(collateral, crl_der).Add(file_content);
}

Result<Collateral> LoadCollateralDir(const fs::path& path, std::vector<std::string>* notes,
                                     CrlDer* crl_der) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  std::vector<fs::path> files;
  if (fs::is_directory(status)) {
    TRY_VOID(ListFiles(path, kFolderDepth, files, notes));
  } else if (fs::is_regular_file(status)) {
    files.push_back(path);
  } else {
    return Fail(ErrorCode::kMissing, fmt::format("no folder or file {}", path.string()));
  }
  std::sort(files.begin(), files.end());

  Collateral collateral;
  Recogniser recogniser(collateral, crl_der);
  for (const fs::path& file : files) {
    const auto content = ReadFile(file);
    const Result<void> added =
        content ? recogniser.Add(*content) : Result<void>(tl::unexpected(content.error()));
    if (added) continue;
    const bool foreign = added.error().code == ErrorCode::kUnsupported;
    Note(notes, fmt::format("{}: {}{}", file.string(), foreign ? "not collateral: " : "",
                            added.error().message));
  }
  return collateral;
}

}  // namespace assay
