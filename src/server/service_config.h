// What decides how evidence is judged, as records name it.
#pragma once

#include "api/policy_set.h"
#include "base/json.h"
#include "server/serve.h"

namespace assay {

// No secret is in it. Files are named by their digests.
json::Object ConfigurationOf(const ServeOptions& options, const std::string& issuer,
                             const PolicySet& policies);

}  // namespace assay
