// The releases of a provider in the store: release/FLEET/NAME.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/release.h"
#include "store/store.h"

namespace assay::monitor {

// Holds nothing but a reference: make one where it is needed.
class ReleaseBook {
 public:
  ReleaseBook(store::Store& store, std::string_view fleet) : store_(store), fleet_(fleet) {}

  Result<std::optional<Release>> Find(std::string_view name);
  Result<std::vector<Release>> List();
  // Takes the place of one of that name; a retired one comes back so.
  Result<void> Set(const Release& release);
  Result<void> Delete(std::string_view name);

 private:
  Bytes Key(std::string_view name) const;

  store::Store& store_;
  const std::string fleet_;
};

}  // namespace assay::monitor
