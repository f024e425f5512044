// Collateral that was carried here by hand, put where the store keeps what it fetches.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "collateral/load.h"
#include "collateral/store.h"

namespace assay {

struct Deposited {
  std::vector<std::string> paths;   // in the store
  std::vector<std::string> passed;  // what has no place in a store, or is not newer, and why
};

// `as_of`: when the pieces were got from their publishers. Signers are put beside their documents
// by verifying signatures, not by name. What the store has that ends later stays.
Result<Deposited> Deposit(const Collateral& collateral, const CrlDer& crl_der, Time as_of,
                          CollateralStore& store);

}  // namespace assay
