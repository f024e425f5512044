// Where a vault's keys are made and held: by the vault itself, sealed in its store, or by an HSM.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "keys/hsm.h"
#include "keys/hsm_journal.h"

namespace assay::keys {

// A key that no version speaks for yet.
struct NewKey {
  KeyKind kind = KeyKind::kRsa;
  PublicHalf half;
  SecretBytes secret;              // what is sealed; of a key in an HSM nothing
  std::string hsm_object;          // empty: the vault holds it
  std::uint64_t hsm_revision = 0;  // of its entry in the HSM's journal
};

// Safe for concurrent use.
class KeyHome {
 public:
  // `hsm` may be null, and outlives it, as the store does.
  KeyHome(store::Store& store, Hsm* hsm) : journal_(store), hsm_(hsm) {}

  // kNotSupported when it is to be in an HSM, and there is none. Who does not record it gives it
  // up.
  Outcome<NewKey> Make(const KeySpec& spec, bool exportable, Time now);
  Outcome<NewKey> Take(const ImportedKey& key, bool exportable, Time now);
  // Nothing when it was recorded after all.
  void GiveUp(const NewKey& key);

  // `secret` is what was sealed with the version.
  Outcome<UsableKeyPtr> Open(const KeyVersion& version, SecretBytes secret);
  // Destroys what is doomed, and what was never recorded. Why it could not, if so.
  Result<void> Sweep(Time now);
  // Only what is doomed.
  Result<void> DestroyDoomed();

 private:
  Outcome<Hsm*> HsmFor(KeyKind kind) const;
  // Draws an id and says that it is pending.
  Outcome<NewKey> Begin(KeyKind kind, Time now);
  // After the object was made, or could not be.
  Outcome<NewKey> Made(NewKey key, const Outcome<PublicHalf>& half);

  HsmJournal journal_;
  Hsm* const hsm_;
};

}  // namespace assay::keys
