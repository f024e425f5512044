// What a firmware log says by itself, whatever is quoted: found out once for each log, as machines
// send the same one until they boot again.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "tee/core/verify_cache.h"
#include "tee/tcg/replay.h"
#include "tee/tcg/secure_boot.h"
#include "tee/tpm/evidence.h"

namespace assay::tpm {

// PCR 4 and PCR 8 in words (docs/tee/tpm.md says what they prove).
struct BootClaims {
  json::Array applications;  // digests of what was started
  json::Array texts;         // what boot loaders were told
  std::int64_t unexplained = 0;
};

// Of one log. Its parts look into `bytes`: never copied.
struct LogFacts {
  Bytes bytes;
  tcg::EventLog log;
  const tcg::Event* altered = nullptr;  // the first whose data is not what was measured
  std::optional<Result<tcg::SecureBoot>> secure_boot;
  std::map<tcg::HashAlgorithm, Result<tcg::PcrValues>> replayed;  // of each bank of the log
  std::map<tcg::HashAlgorithm, BootClaims> boot;
  Claims secure_boot_claims;
  std::map<tcg::HashAlgorithm, Claims> uki_claims;
};

Result<std::shared_ptr<const LogFacts>> FindLogFacts(View log);

// Of the log that the evidence brings or names by its digest; null when there is none, or the
// digest is of none that is known. A log whose data was altered is never remembered.
std::shared_ptr<const LogFacts> LogFactsOf(const TpmEvidence& evidence, const VerifyInput& input);

}  // namespace assay::tpm
