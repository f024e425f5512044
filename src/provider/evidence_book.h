// The requests a provider has judged, kept so that a new policy can be tried on them before it
// holds. Only of providers that ask for it, only such whose evidence verified, and no more and no
// longer than said: limits::kRecordedEvidence of one provider, for Provider::record_days.
//
//   evidence/ID/NUMBER   one request
//   evidence-next/ID     the next number
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "policy/claim_table.h"
#include "provider/provider.h"
#include "store/store.h"

namespace assay {

struct RecordedRequest {
  policy::AttestationType type = policy::AttestationType::kSgxEnclave;
  std::string body;  // of POST /attest/TYPE, as it came
  Time at{};
};

// Safe for concurrent use. In a store of its own: what is lost here is no promise broken, and its
// commits are many.
class EvidenceBook {
 public:
  explicit EvidenceBook(store::Store& store) : store_(store) {}

  // The oldest go when there are too many or they are too old. A body above
  // limits::kRecordedEvidenceBytes is an error, and not kept.
  Result<void> Record(const Provider& provider, const RecordedRequest& request);
  // Each one since `from`, the oldest first, one at a time in memory; those that are older than the
  // provider keeps are passed over.
  Result<void> Visit(const Provider& provider, Time from, Time now,
                     const std::function<Result<void>(const RecordedRequest&)>& visit);
  Result<void> Forget(const Provider& provider);

 private:
  store::Store& store_;
  std::mutex mutex_;  // one Record at a time, so that two of one process never contend for a number
};

}  // namespace assay
