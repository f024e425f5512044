// What was measured, as the JSON claims "events" and "pcrs" that policies of Azure Attestation
// query.
//
// Source: azure-docs, attestation/policy-version-1-2.md, tpm-attestation-sample-policies.md and
// tpm-attestation-concepts.md. Nothing stands there that is not measured, but EventTypeString and
// the order among PCRs: docs/tee/tpm.md says what a policy may rest on.
#pragma once

#include <cstddef>

#include "base/json.h"
#include "tee/tpm/found.h"

namespace assay::tpm {

// {"Events": [{"EventSeq", "EventTypeString", "PcrIndex", "Digests", "ProcessedData"}]} of the
// quoted PCRs, and of the first `ima_entries` entries of the IMA list those that are no files. Null
// if there are more of these than limits::kPolicyImaEvents.
json::Value EventsDocument(const TpmEvidence& evidence, const Found& found,
                           std::size_t ima_entries);

// {"PCRs": [{"Index": 0, "Digests": {"SHA1": hex, "SHA256": hex}}]}: all that is quoted.
json::Value PcrsDocument(const TpmEvidence& evidence, const Found& found);

}  // namespace assay::tpm
