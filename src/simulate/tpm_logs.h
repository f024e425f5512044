// The logs of a simulated boot under Secure Boot, and the PCRs they lead to.
#pragma once

#include <map>
#include <vector>

#include "simulate/parts.h"

namespace assay::simulate {

struct TpmLogs {
  Bytes event_log;
  std::vector<Bytes> ima_entries;  // each as the list has it
  std::map<unsigned, Bytes> pcrs;  // SHA-256 bank, 0 to 14
};

// The whole list, or what stands behind its first `from` entries.
Bytes ImaListOf(const TpmLogs& logs, std::size_t from = 0);

// The PCRs are those of the logs, but for the faults that are about just that.
TpmLogs MakeTpmLogs(const Order& order);

}  // namespace assay::simulate
