// What the parts of one appraisal share, found out once: the key as it was used before, the PCRs
// that are proven, and what the log says.
#pragma once

#include <memory>
#include <optional>

#include "tee/tpm/evidence.h"
#include "tee/tpm/log_facts.h"

namespace assay::tpm {

struct Found {
  // The attestation key; one that signed before comes with what OpenSSL derives from a key at first
  // use, which costs as much as a verification. Null when its point is not on its curve.
  std::shared_ptr<const PublicKey> key;
  std::optional<tcg::HashAlgorithm> bank;  // the strongest that is quoted
  std::vector<bool> covered;               // of each quote: the PCR values given are those quoted
  tcg::PcrValues quoted;                   // of `bank`, that some covered quote proves
  std::shared_ptr<const LogFacts> facts;   // null: see LogFactsOf
};

// What a quote covers: the selected values one behind the other. Nothing if one is not given or its
// bank unknown.
std::optional<Bytes> SelectedValues(const TpmEvidence& evidence, const Quote& quote);

// Kept in `input`.
const Found& FoundIn(const TpmEvidence& evidence, const VerifyInput& input);

}  // namespace assay::tpm
