#include "guest/tsm_report.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "guest/files.h"

namespace assay {
namespace {

constexpr std::size_t kInputBytes = 64;  // TSM_INBLOB_MAX

Result<void> MakeDirectory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  return Fail(
      ErrorCode::kIo, fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)),
      "is this a confidential guest with Linux 6.7 or later, configfs mounted, and this program "
      "root?");
}

// The kernel takes the input as one write to the attribute that is there already.
Result<void> WriteAttribute(const std::filesystem::path& path, View content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const ssize_t count = descriptor < 0 ? -1 : ::write(descriptor, content.data(), content.size());
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (count == static_cast<ssize_t>(content.size())) return {};
  return Fail(ErrorCode::kIo,
              fmt::format("cannot write {}: {}", path.string(), std::strerror(error)));
}

Result<TsmReport> ReadEntry(const std::filesystem::path& entry, View input) {
  TsmReport out;
  TRY_VOID(WriteAttribute(entry / "inblob", input));
  out.report = TRY(ReadFile(entry / "outblob", limits::kTsmBlobBytes));
  out.auxiliary = TRY(ReadFileIfThere(entry / "auxblob", limits::kTsmBlobBytes));
  const Bytes provider = TRY(ReadFile(entry / "provider", limits::kAgentSmallFileBytes));
  out.provider = AsText(provider);
  while (out.provider.ends_with('\n')) out.provider.pop_back();
  if (out.report.empty()) {
    return Fail(ErrorCode::kIo, fmt::format("{}: the report is empty", entry.string()));
  }
  return out;
}

}  // namespace

Result<TsmReport> ReadTsmReport(const TsmTree& tree, View input) {
  if (input.size() > kInputBytes) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("report data: expected at most {} bytes, found {}", kInputBytes, input.size()));
  }
  const std::filesystem::path entry = tree.root / ("assay-" + HexEncode(TRY(RandomBytes(8))));
  TRY_VOID(tree.make_entry ? tree.make_entry(entry) : MakeDirectory(entry));
  Result<TsmReport> out = ReadEntry(entry, input);
  ::rmdir(entry.c_str());  // configfs removes the attributes with it
  return out;
}

}  // namespace assay
