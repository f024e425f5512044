// Windows' tagged events in the JSON that policies of Azure Attestation query.
//
// Source: azure-docs, attestation/policy-version-1-2.md and tpm-attestation-sample-policies.md: the
// names are those of wbcl.h with "EVENT_" for "SIPAEVENT_".
#pragma once

#include <vector>

#include "base/json.h"
#include "tee/tcg/sipa.h"

namespace assay::tpm {

// {"EVENT_TRUSTBOUNDARY": {"EVENT_CODEINTEGRITY": true, ...}}. Containers of modules are arrays, so
// is what stands there twice and differs: a policy that expects one value is then refused. Data
// without a documented form is {"RawData": base64url}; events without a known name are left out.
json::Object SipaJson(const std::vector<tcg::SipaEvent>& events);

}  // namespace assay::tpm
