// An HSM in memory, which fails when it is told to. Included by tests only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "keys/hsm.h"

namespace assay::keys {

class MemoryHsm final : public Hsm {
 public:
  Outcome<PublicHalf> Generate(const std::string& id, const KeySpec& spec,
                               bool exportable) override {
    const ImportedKey key = TRY(GenerateKey(spec));
    TRY_VOID(Import(id, key, exportable));
    return PublicHalfOf(key);
  }
  Outcome<void> Import(const std::string& id, const ImportedKey& key, bool) override {
    if (fails) return Refuse(FaultKind::kUnavailable, "the HSM does not answer");
    objects[id] = TRY(SecretOf(key));
    if (made) made();
    return {};
  }
  Outcome<UsableKeyPtr> Open(const KeyVersion& version) override {
    const auto found = objects.find(version.hsm_object);
    if (found == objects.end()) return Refuse(FaultKind::kUnavailable, "there is no such object");
    return OpenMaterial(version.kind, SecretBytes(found->second.view()));
  }
  Result<void> Destroy(const std::string& id) override {
    if (fails) return Fail(ErrorCode::kIo, "the HSM does not answer");
    objects.erase(id);
    return {};
  }

  bool fails = false;
  std::function<void()> made;  // called when an object is there, before it is recorded
  std::map<std::string, SecretBytes> objects;
};

}  // namespace assay::keys
