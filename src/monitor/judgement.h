// What evidence makes of a machine: its next state, and what is worth a line in its history. Pure:
// the records before and the evidence in, the record after out.
#pragma once

#include <optional>
#include <vector>

#include "evidence/claims.h"
#include "monitor/machine.h"
#include "monitor/release.h"
#include "tee/tpm/ima_log.h"

namespace assay::monitor {

// Evidence that is the machine's own: its key signed it, for our challenge.
struct Observation {
  Time at{};
  std::string evidence_sha256;
  // Of the log, as the evidence brought or named it. No claim: parts of a log are not measured.
  std::string event_log_sha256;
  std::vector<Drift> failed;                  // checks that failed; empty if it verified
  Claims claims;                              // if it verified
  std::vector<tpm::ImaEntry> files;           // that it brought
  const tcg::EventLog* log = nullptr;         // that it brought; null: it named the one before
  const tcg::EventLog* log_before = nullptr;  // of the last good evidence; null: none is known
};

// The release of the machine and the one it may move to; null where there is none.
struct Releases {
  const Release* current = nullptr;
  const Release* successor = nullptr;
};

struct Judgement {
  Machine after;
  std::vector<MachineEvent> events;  // without numbers
  bool trusted = false;
  bool moved = false;  // to the successor
};

Judgement Judge(const Machine& before, const Observation& observation, const Releases& releases);

}  // namespace assay::monitor
