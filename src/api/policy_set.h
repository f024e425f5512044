// The policies in force, one for each attestation type.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "policy/claim_table.h"
#include "policy/policy.h"

namespace assay {

// Immutable once made; the service replaces the whole set at once.
class PolicySet {
 public:
  // The defaults, with those of `texts` in their place. An error names type, line and column: a set
  // with a policy that does not compile never comes to be.
  static Result<PolicySet> Make(const std::map<policy::AttestationType, std::string>& texts);

  // Null when there is none: then everything is denied.
  const policy::Policy* Of(policy::AttestationType type) const;
  // {"SgxEnclave": "<x-ms-policy-hash>", ...}, for logs.
  json::Object Hashes() const;

 private:
  std::array<std::optional<policy::Policy>, policy::kAttestationTypes> policies_;
};

}  // namespace assay
