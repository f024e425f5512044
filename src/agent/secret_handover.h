// Released keys for a program that knows nothing of Assay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/handover.h"
#include "agent/key_release.h"

namespace assay::agent {

// "NAME=KEY" or "NAME=KEY,VERSION": the program finds the key under ASSAY_SECRET_NAME.
struct SecretOrder {
  std::string name;
  KeyAddress key;
};
Result<SecretOrder> ParseSecretOrder(std::string_view text);
// All of them; a name that stands twice is an error.
Result<std::vector<SecretOrder>> ParseSecretOrders(const std::vector<std::string>& texts);

// How secrets are handed over.
struct SecretPlaces {
  std::string folder;  // files in it, whose paths are in ASSAY_SECRET_NAME_FILE; empty: none
  bool in_environment = false;
};

// What the program is given, and what that points into.
struct HandedSecrets {
  std::vector<SecretBytes> owned;
  std::vector<Handed> handed;
};
// `keys` in the order of `orders`. By descriptor, unless `places` say otherwise. In an environment,
// which holds no zero bytes, the bytes of oct keys are base64.
Result<HandedSecrets> HandOver(const std::vector<SecretOrder>& orders,
                               const std::vector<ReleasedKey>& keys, const SecretPlaces& places);

}  // namespace assay::agent
