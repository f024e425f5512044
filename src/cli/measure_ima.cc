#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "crypto/digest.h"

namespace assay::cli {

namespace fs = std::filesystem;

Result<std::map<std::string, Sha256Digest>> FilesUnder(const std::string& root) {
  std::error_code error;
  fs::recursive_directory_iterator walk(root, error);
  const auto failed = [&] {
    return Fail(ErrorCode::kIo, fmt::format("cannot list {}: {}", root, error.message()),
                "give the folder of a root file system that you may read");
  };
  if (error) return failed();
  std::map<std::string, Sha256Digest> out;
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (error) return failed();
    if (!fs::is_regular_file(walk->symlink_status())) continue;
    if (out.size() == limits::kMeasuredFiles) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} holds more than {} files", root, limits::kMeasuredFiles));
    }
    const Bytes content = TRY(ReadFile(walk->path(), limits::kBootImageBytes));
    out.emplace("/" + fs::relative(walk->path(), root).generic_string(), Sha256(content));
  }
  if (error) return failed();
  return out;
}

Result<int> RunMeasureIma(const Options& options) {
  const auto files = TRY(FilesUnder(options.file));
  json::Object out;
  for (const auto& [path, digest] : files) {
    if (options.json) {
      out.emplace_back(path, json::Array{"sha256:" + HexEncode(digest)});
    } else {
      fmt::print("sha256:{}  {}\n", HexEncode(digest), path);
    }
  }
  if (options.json) fmt::print("{}\n", json::WritePretty(json::Object{{"ima", std::move(out)}}));
  return kExitTrusted;
}

}  // namespace assay::cli
