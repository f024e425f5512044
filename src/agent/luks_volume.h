// A LUKS2 volume, by cryptsetup.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/luks_header.h"
#include "base/bytes.h"
#include "base/result.h"

namespace assay::agent {

// A volume by a copy of its header in memory: what was checked is what is opened, whatever becomes
// of the disk meanwhile. The copy goes with it.
class LuksVolume {
 public:
  static Result<LuksVolume> Read(const std::string& device);
  LuksVolume(LuksVolume&& other) noexcept;
  LuksVolume& operator=(LuksVolume&&) = delete;
  LuksVolume(const LuksVolume&) = delete;
  ~LuksVolume();

  const LuksHeader& header() const { return header_; }

  // Whether `key` opens that keyslot; as /dev/mapper/NAME if there is a name, else nothing is
  // mapped.
  Result<bool> Open(const std::string& keyslot, View key, const std::string& name) const;

 private:
  LuksVolume(std::string device, std::filesystem::path folder)
      : device_(std::move(device)), folder_(std::move(folder)) {}
  std::string HeaderFile() const { return folder_ / "header"; }

  std::string device_;
  std::filesystem::path folder_;  // of the copy
  LuksHeader header_;
};

// Adds `key` to that keyslot, and the token that tells of it. `existing` is a file with a key that
// opens the volume now; empty: cryptsetup asks for a passphrase.
Result<void> AddLuksKey(const std::string& device, const LuksToken& token, View key,
                        const std::string& existing);

}  // namespace assay::agent
