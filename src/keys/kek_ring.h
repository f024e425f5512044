// Several keepers of key-encryption keys as one, so that a vault can leave one kind for another:
// new KEKs are made by one of them, and those of all are found.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "keys/key_encryption_key.h"

namespace assay::keys {

class KekRing final : public KekKeeper {
 public:
  // At least one; the first makes new ones.
  explicit KekRing(std::vector<std::unique_ptr<KekKeeper>> keepers)
      : keepers_(std::move(keepers)) {}

  Result<KekPtr> Make() override { return keepers_.front()->Make(); }
  // Where none has it, the first reason why one could not look; else kMissing.
  Result<KekPtr> Find(const std::string& id) override;

 private:
  const std::vector<std::unique_ptr<KekKeeper>> keepers_;
};

}  // namespace assay::keys
