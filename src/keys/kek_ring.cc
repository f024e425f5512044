#include "keys/kek_ring.h"

#include <optional>

namespace assay::keys {

Result<KekPtr> KekRing::Find(const std::string& id) {
  std::optional<Error> reason;
  for (const auto& keeper : keepers_) {
    Result<KekPtr> found = keeper->Find(id);
    if (found) return found;
    if (found.error().code != ErrorCode::kMissing && !reason) reason = found.error();
  }
  if (reason) return tl::unexpected(*reason);
  return Fail(ErrorCode::kMissing,
              "key-encryption key " + id + ": none of the places that were given has it",
              "give the one where it is: --key-passphrase-file, --key-hsm-module or --key-tpm");
}

}  // namespace assay::keys
