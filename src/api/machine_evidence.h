// A machine's answer to a challenge: judged, and recorded if it is the machine's own word.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/error.h"
#include "api/resources.h"
#include "appraise/appraise.h"
#include "tee/tpm/evidence.h"

namespace assay {

// Of a machine that is trusted now.
struct MachineAnswer {
  AttestRequest request;
  std::unique_ptr<tpm::TpmEvidence> evidence;
  Verdict verdict;           // it is verified
  monitor::Machine machine;  // as it is kept after it
};

// For the machine in the path, the challenge in the query and the evidence in the body.
tl::expected<MachineAnswer, ApiError> JudgeAnswer(const Call& call);

// What a relying party may want to know besides the evidence, and where to ask whether it still
// holds.
json::Object MachineClaims(const monitor::Machine& machine, const AttestService& service);

// A machine that gets no challenge.
std::optional<ApiError> RefuseState(const monitor::Machine& machine);

}  // namespace assay
