// The logs of a simulated boot under Secure Boot, and the PCRs they lead to.
#pragma once

#include <map>

#include "simulate/parts.h"

namespace assay::simulate {

struct TpmLogs {
  Bytes event_log;
  Bytes ima_log;
  std::map<unsigned, Bytes> pcrs;  // SHA-256 bank, 0 to 14
};

// The PCRs are those of the logs, but for the faults that are about just that.
TpmLogs MakeTpmLogs(const Order& order);

}  // namespace assay::simulate
