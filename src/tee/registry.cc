#include <algorithm>

#include "tee/azure/scheme.h"
#include "tee/core/scheme.h"
#include "tee/sgx/scheme.h"
#include "tee/snp/scheme.h"
#include "tee/tdx/scheme.h"
#include "tee/tpm/scheme.h"
#include "tee/vbs/scheme.h"

namespace assay {

// One line per TEE.
const std::vector<const Scheme*>& AllSchemes() {
  static const std::vector<const Scheme*> schemes = {
      &kSgxScheme, &kTdxScheme, &kSnpScheme, &kTpmScheme, &kAzureScheme, &kVbsScheme,
  };
  return schemes;
}

const Scheme* SchemeFor(View evidence) {
  const auto& all = AllSchemes();
  const auto it = std::find_if(all.begin(), all.end(),
                               [&](const Scheme* s) { return s->recognises(evidence); });
  return it == all.end() ? nullptr : *it;
}

const Scheme* SchemeNamed(std::string_view name) {
  const auto& all = AllSchemes();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Scheme* s) { return s->name == name; });
  return it == all.end() ? nullptr : *it;
}

}  // namespace assay
