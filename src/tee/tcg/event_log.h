// Measured-boot event logs: what firmware and boot loaders extended into PCRs or RTMRs.
//
// Source: TCG PC Client Platform Firmware Profile 1.06 §10 (both formats), UEFI 2.10 §38 (the same
// format for confidential guests, where the index names a register instead of a PCR).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tcg/hash_algorithm.h"

namespace assay::tcg {

// PFP table 27, as far as its digests are recomputed or its meaning is used.
enum EventType : std::uint32_t {
  kEvPostCode = 0x01,
  kEvNoAction = 0x03,
  kEvSeparator = 0x04,
  kEvAction = 0x05,
  kEvEventTag = 0x06,
  kEvSCrtmVersion = 0x08,
  kEvIpl = 0x0D,
  kEvOmitBootDeviceEvents = 0x12,
  kEvEfiVariableDriverConfig = 0x80000001,
  kEvEfiVariableBoot = 0x80000002,
  kEvEfiBootServicesApplication = 0x80000003,
  kEvEfiBootServicesDriver = 0x80000004,
  kEvEfiGptEvent = 0x80000006,
  kEvEfiAction = 0x80000007,
  kEvEfiVariableBoot2 = 0x8000000C,
  kEvEfiVariableAuthority = 0x800000E0,
};

struct Event {
  std::size_t number = 0;   // in the log, from 0, as the usual tools count
  std::uint32_t index = 0;  // of the PCR, or of the register
  std::uint32_t type = 0;
  std::vector<std::pair<HashAlgorithm, View>> digests;
  View data;

  // Empty if the event has none in that bank.
  View Digest(HashAlgorithm bank) const;
};

struct EventLog {
  bool crypto_agile = false;         // false: the SHA-1 format of TPM 1.2
  std::vector<HashAlgorithm> banks;  // that it declares and this verifier computes
  std::vector<Event> events;         // all, EV_NO_ACTION included
};

// `data` must outlive the log. 0xFFFFFFFF in place of an index, or a rest of zeros, ends it: areas
// that firmware hands over are padded so. An empty log is an error: it would prove nothing.
Result<EventLog> ParseEventLog(View data);

}  // namespace assay::tcg
