#include "agent/luks_volume.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "agent/handover.h"
#include "agent/program.h"
#include "agent/secret_files.h"

namespace assay::agent {
namespace {

constexpr const char* kCryptsetup = "cryptsetup";
// cryptsetup(8), "Return codes": no permission (bad passphrase).
constexpr int kWrongKey = 2;

tl::unexpected<Error> CryptsetupFailed(std::string_view doing, const std::string& device,
                                       int code) {
  return Fail(ErrorCode::kIo,
              fmt::format("cryptsetup {} {}: it ended with {}", doing, device, code),
              "what it says stands above");
}

// A folder of its own in memory, for what must not change under our hands.
Result<std::filesystem::path> MemoryFolder() {
  for (const char* const base : {"/run", "/dev/shm"}) {
    std::string name = std::string(base) + "/assay-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) continue;
    if (SecretFolder::Open(name)) return std::filesystem::path(name);
    ::rmdir(name.c_str());
  }
  return Fail(ErrorCode::kIo,
              "no place in memory for the header: expected a tmpfs at /run or "
              "/dev/shm that this user may write to");
}

Result<void> Run(std::string_view doing, const std::string& device,
                 const std::vector<std::string>& command, const std::optional<View>& input) {
  const ProgramEnd end = TRY(RunProgram(command, input));
  if (end.code != 0) return CryptsetupFailed(doing, device, end.code);
  return {};
}

}  // namespace

LuksVolume::LuksVolume(LuksVolume&& other) noexcept
    : device_(std::move(other.device_)),
      folder_(std::exchange(other.folder_, {})),
      header_(std::move(other.header_)) {}

LuksVolume::~LuksVolume() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<LuksVolume> LuksVolume::Read(const std::string& device) {
  LuksVolume out(device, TRY(MemoryFolder()));
  TRY_VOID(
      Run("luksHeaderBackup", device,
          {kCryptsetup, "luksHeaderBackup", "--header-backup-file", out.HeaderFile(), "--", device},
          View()));
  const ProgramEnd dump = TRY(RunProgram(
      {kCryptsetup, "luksDump", "--dump-json-metadata", "--", out.HeaderFile()}, View()));
  if (dump.code != 0) return CryptsetupFailed("luksDump", device, dump.code);
  out.header_ = TRY(ParseLuksHeader(dump.output));
  return out;
}

Result<bool> LuksVolume::Open(const std::string& keyslot, View key, const std::string& name) const {
  std::vector<std::string> command = {kCryptsetup,  "open",       "--type",     "luks2",
                                      "--header",   HeaderFile(), "--key-slot", keyslot,
                                      "--key-file", "-"};
  if (name.empty()) command.emplace_back("--test-passphrase");
  command.insert(command.end(), {"--", device_});
  if (!name.empty()) command.push_back(name);
  const ProgramEnd end = TRY(RunProgram(command, key));
  if (end.code == kWrongKey) return false;
  if (end.code != 0) return CryptsetupFailed("open", device_, end.code);
  return true;
}

Result<void> AddLuksKey(const std::string& device, const LuksToken& token, View key,
                        const std::string& existing) {
  const int fresh = TRY(SealedFile(key));
  std::vector<std::string> command = {
      kCryptsetup, "luksAddKey", "--batch-mode", "--key-slot", token.keyslot,
      // The key is random: stretching it would cost time at each boot and gain nothing.
      "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"};
  if (!existing.empty()) command.insert(command.end(), {"--key-file", existing});
  // Not /dev/fd: an initramfs has no such link.
  command.insert(command.end(), {"--", device, fmt::format("/proc/self/fd/{}", fresh)});
  const Result<void> added = Run("luksAddKey", device, command, std::nullopt);
  ::close(fresh);
  if (!added) return added;
  const std::string text = LuksTokenJson(token);
  const Result<void> told =
      Run("token import", device,
          {kCryptsetup, "token", "import", "--json-file", "-", "--", device}, AsBytes(text));
  if (told) return told;
  Error error = told.error();
  error.hint =
      fmt::format("the key is in keyslot {} without a token: cryptsetup luksKillSlot {} {}",
                  token.keyslot, device, token.keyslot);
  return tl::unexpected(std::move(error));
}

}  // namespace assay::agent
