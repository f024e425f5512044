// The requests that a provider recorded, judged anew under the policy in force and under another.
#pragma once

#include <functional>

#include "api/attest_service.h"
#include "cli/options.h"
#include "policy/policy.h"
#include "provider/evidence_book.h"

namespace assay::cli {

struct RecordedCase {
  const RecordedRequest& recorded;
  const AttestRequest& request;
  const tl::expected<PolicyComparison, ApiError>& both;  // an error: it no longer verifies
};

// Those of options.provider since options.days ago, of options.kind if that is given. An error when
// there is no such provider, or it records nothing.
Result<void> VisitRecorded(const Options& options, const policy::Policy& draft,
                           const std::function<void(const RecordedCase&)>& visit);

}  // namespace assay::cli
