// A made-up CC event log and the RTMRs it replays to. UEFI 2.10 §38; TCG PC Client Platform
// Firmware Profile §10.
#pragma once

#include <array>

#include "crypto/digest.h"
#include "simulate/parts.h"

namespace assay::simulate {

struct EventLog {
  Bytes data;
  std::array<Sha384Digest, 4> rtmrs{};
};

// Two events for each of the four registers.
EventLog MakeEventLog();

// The same log as the fault has it: with one event of a register altered, or unreadable.
Bytes WithFault(const EventLog& log, const Order& order);

}  // namespace assay::simulate
