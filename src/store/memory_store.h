// A store that lives as long as its process: for tests, and for services that keep nothing.
#pragma once

#include <memory>

#include "store/store.h"

namespace assay::store {

std::unique_ptr<Store> NewMemoryStore();

}  // namespace assay::store
