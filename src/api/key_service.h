// What the resources of the key vault share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "keys/vault.h"

namespace assay {

class DecisionLog;
class KeyReleases;
struct KeyRecoveries;

struct KeyService {
  keys::Vault& vault;
  std::string url;  // of the vault, without a slash at its end: identifiers of keys begin with it
  std::function<Time()> clock;
  // Told what clients are not: why something inside failed. May be empty.
  std::function<void(const std::string& message)> report;
  const DecisionLog* decisions = nullptr;     // null: nothing is put on the record
  KeyReleases* releases = nullptr;            // null: this vault releases nothing
  const KeyRecoveries* recoveries = nullptr;  // null: nobody can recover its keys
};

}  // namespace assay
