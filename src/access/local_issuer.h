// A token issuer in one key file, for development and CI: `assay token issue`. A service believes
// it only where its access file names the key set.
#pragma once

#include <chrono>
#include <string>

#include "access/access_file.h"
#include "base/time.h"
#include "crypto/signing_key.h"

namespace assay::access {

struct LocalToken {
  std::string issuer;
  std::string subject;
  Role role = Role::kNone;
  std::string audience;
  Time now{};
  std::chrono::minutes lifetime{60};  // 1 minute to limits::kLocalTokenMinutes
};

// Signed by `key`, with the role in the claim `roles`. An error for a claim that is empty, or a
// lifetime out of bounds.
Result<std::string> IssueLocalToken(const SigningKey& key, const LocalToken& token);

// The key set, as text, that a service is given to believe those tokens.
Result<std::string> LocalKeySet(const SigningKey& key);

}  // namespace assay::access
