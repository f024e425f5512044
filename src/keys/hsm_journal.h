// What of an HSM no version speaks for: so that nothing is left in it by a process that died.
//
//   hsm-pending/ID   {"since": SECONDS}: objects of that id are about to be made
//   hsm-doomed/ID    {}: they are to be destroyed
//
// An object is made between two commits. The first says that it is pending; the second records the
// version and takes that back, and holds only if it still stands. A purge dooms the objects in the
// commit that deletes their versions. So whatever is in the HSM is pending, recorded or doomed, at
// every moment and whoever dies; the sweep dooms what is pending for too long, destroys what is
// doomed, and then forgets it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "keys/key.h"
#include "store/store.h"

namespace assay::keys {

// Holds nothing but a reference: make one where it is needed.
class HsmJournal {
 public:
  explicit HsmJournal(store::Store& store) : store_(store) {}

  // The revision of the entry, to be kept with the version.
  Result<std::uint64_t> Begin(const std::string& id, Time now);
  // Whether it is pending since then. To be asked once the object is there: a sweep that gave it up
  // before may have found nothing to destroy.
  Result<bool> IsPending(const std::string& id, std::uint64_t revision);
  // kConflict when it is not pending any more: it was recorded, or given up by another.
  Result<void> Doom(const std::string& id, std::uint64_t revision);
  // All that are pending since before.
  Result<void> DoomOlder(Time before);
  Result<std::vector<std::string>> Doomed();
  Result<void> Forget(const std::string& id);

  // Into the commit that records a new version, or deletes one. Nothing for keys of the vault.
  static void Record(const KeyVersion& version, store::Batch& batch);
  static void Doom(const KeyVersion& version, store::Batch& batch);

 private:
  store::Store& store_;
};

}  // namespace assay::keys
