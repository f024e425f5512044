// Those who together may recover a key when nothing can prove itself any more.
//
//   {"threshold": 2, "officers": [{"name": "alice", "key": {"kty": "EC", ...}}, ...]}
//
// `key` is the public half that verifies the officer's approvals, as a JSON Web Key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "token/jwk.h"

namespace assay::recovery {

struct Officer {
  std::string name;  // letters, digits, '.', '_', '-' and '@'
  VerificationKey key;
};

struct Officers {
  std::size_t threshold = 0;
  std::vector<Officer> all;

  const Officer* Find(std::string_view name) const;
};

// Refused: a threshold below 2 or above the number of officers, two of one name, and two of one
// key: they would be one person.
Result<Officers> ParseOfficers(std::string_view text);

}  // namespace assay::recovery
