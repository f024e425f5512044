#include "api/policy_set.h"

#include "policy/defaults.h"
#include "token/maa_claims.h"

namespace assay {

using policy::AttestationType;

Result<PolicySet> PolicySet::Make(const std::map<AttestationType, std::string>& texts) {
  PolicySet out;
  for (std::size_t i = 0; i < policy::kAttestationTypes; ++i) {
    const auto type = static_cast<AttestationType>(i);
    const auto given = texts.find(type);
    const auto standard = policy::DefaultPolicy(type);
    if (given == texts.end() && !standard) continue;
    auto compiled =
        policy::Policy::Compile(given != texts.end() ? std::string_view(given->second) : *standard);
    if (!compiled) {
      Error error = compiled.error();
      error.message = std::string(policy::Name(type)) + " " + error.message;
      return tl::unexpected(std::move(error));
    }
    out.policies_.at(i) = std::move(*compiled);
  }
  return out;
}

const policy::Policy* PolicySet::Of(AttestationType type) const {
  const auto& policy = policies_.at(static_cast<std::size_t>(type));
  return policy ? &*policy : nullptr;
}

json::Object PolicySet::Hashes() const {
  json::Object out;
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    if (!policies_.at(i)) continue;
    out.emplace_back(policy::Name(static_cast<AttestationType>(i)),
                     PolicyHash(policies_.at(i)->text()));
  }
  return out;
}

}  // namespace assay
