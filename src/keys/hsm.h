// An HSM that holds keys of a vault: the material is made in it, is used in it, and leaves it by a
// release alone, wrapped.
#pragma once

#include <string>

#include "keys/key_material.h"
#include "keys/usable_key.h"

namespace assay::keys {

// A key's objects have one id, 32 hexadecimal digits that the vault draws. Safe for concurrent use.
class Hsm {
 public:
  Hsm() = default;
  virtual ~Hsm() = default;
  Hsm(const Hsm&) = delete;
  Hsm& operator=(const Hsm&) = delete;

  // Durable when they return. Only what is exportable can ever be wrapped out.
  virtual Outcome<PublicHalf> Generate(const std::string& id, const KeySpec& spec,
                                       bool exportable) = 0;
  virtual Outcome<void> Import(const std::string& id, const ImportedKey& key, bool exportable) = 0;
  // kUnavailable when the HSM does not have it as it was made: the same public half, sensitive, and
  // extractable only if it is exportable.
  virtual Outcome<UsableKeyPtr> Open(const KeyVersion& version) = 0;
  // Done when it returns, also if there was nothing.
  virtual Result<void> Destroy(const std::string& id) = 0;
};

}  // namespace assay::keys
