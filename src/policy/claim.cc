#include "policy/claim.h"

namespace assay::policy {

std::vector<Claim> ServiceClaims(const Claims& claims) {
  std::vector<Claim> out;
  out.reserve(claims.size());
  for (const auto& [name, value] : claims) {
    out.push_back({name, value, std::string(kAttestationService), name == "pcrs"});
  }
  return out;
}

}  // namespace assay::policy
