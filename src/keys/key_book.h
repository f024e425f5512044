// The keys of a vault in the store. NAME is in lower case.
//
//   key/NAME                    the key (KeyEntry)
//   deleted-key/NAME            the same, of one that was deleted and can be recovered
//   key-version/NAME/VERSION    a version: {"metadata": ..., "sealed": ...}
//   key-due/TIME/NAME           when the sweep has to look at it: to rotate or to purge it
//
// Whatever changes a key or one of its versions expects the revision of its entry: so deleting,
// rotating and updating exclude each other, and who loses decides again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/key.h"
#include "keys/rotation_policy.h"
#include "store/store.h"

namespace assay::keys {

struct Deletion {
  Time at{}, purge{};
};

struct KeyEntry {
  std::string name;     // as it was first written
  std::string current;  // version
  std::uint64_t versions = 0;
  std::optional<RotationPolicy> rotation;
  std::optional<Time> due;           // rotation, or purge
  std::optional<Deletion> deletion;  // then it stands among the deleted ones
  std::uint64_t revision = 0;        // of its entry in the store; not part of it
};

struct Due {
  Time at{};
  std::string name;  // in lower case
};

// Holds nothing but a reference: make one where it is needed.
class KeyBook {
 public:
  explicit KeyBook(store::Store& store) : store_(store) {}

  Result<std::optional<KeyEntry>> Find(std::string_view name);
  Result<std::optional<KeyEntry>> FindDeleted(std::string_view name);
  // Not authenticated yet: Unseal does that.
  Result<std::optional<KeyVersion>> FindVersion(std::string_view name, std::string_view version);

  // By name, behind `after`.
  Result<std::vector<KeyEntry>> List(std::string_view after, std::size_t limit);
  Result<std::vector<KeyEntry>> ListDeleted(std::string_view after, std::size_t limit);
  // By version, behind `after`.
  Result<std::vector<KeyVersion>> Versions(std::string_view name, std::string_view after,
                                           std::size_t limit);
  Result<std::vector<Due>> DueUntil(Time now, const std::optional<Due>& after, std::size_t limit);

  // Writes the key and those versions. `before` is the key as it was read, null if it is new: then
  // no key of that name may be there, deleted ones included. kConflict when that does not hold.
  Result<void> Write(const KeyEntry* before, const KeyEntry& after,
                     const std::vector<KeyVersion>& versions);
  // A deleted key, for good.
  Result<void> Purge(const KeyEntry& deleted);

 private:
  Result<std::optional<KeyEntry>> FindEntry(std::string_view prefix, std::string_view name);
  Result<std::vector<KeyEntry>> ListEntries(std::string_view prefix, std::string_view after,
                                            std::size_t limit);

  store::Store& store_;
};

}  // namespace assay::keys
