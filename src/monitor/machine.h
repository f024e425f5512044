// A machine that a provider watches, as it is kept in the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/time.h"
#include "tee/tcg/replay.h"

namespace assay::monitor {

enum class MachineState {
  kPending,      // enrolled; somebody has to approve it
  kApproved,     // its first evidence is awaited
  kTrusted,      // its last evidence was good
  kDrifted,      // it proved to be another than it should
  kUnreachable,  // it was trusted, and nothing was heard since
  kRevoked,      // for good
  kAsked,        // it was trusted, and has to prove itself anew before anything else
};
std::string_view Name(MachineState state);  // "trusted"
Result<MachineState> ParseMachineState(std::string_view name);

// One difference between what a machine is and what it should be.
struct Drift {
  std::string what;  // "PCR 8", "/opt/app", the name of a failed check
  std::string expected;
  std::string found;
  std::string detail;  // the event behind it; may be empty
};

// What the last evidence proved that was the machine's own.
struct Sighting {
  Time at{};  // the epoch: never
  std::string evidence_sha256;
  std::string event_log_sha256;
  std::int64_t reset_count = 0;
  std::uint64_t ima_entries = 0;  // that led to PCR 10
  std::string bank;               // "sha256"
  tcg::PcrValues pcrs;
};

struct Machine {
  std::string id;    // of its attestation key: MachineId
  std::string name;  // for people; need not be unique
  Bytes ak_name;     // Part 1 §16
  // SHA-256 of the key's SubjectPublicKeyInfo in hexadecimal, as tokens name it (x-assay-ak). Empty
  // for one that an older version enrolled, until its next good evidence.
  std::string ak_spki;
  std::string
      route;  // how its TPM was proven: "ek-certificate", "ak-certificate", "iak", "first-use"
  std::string vouched_by;  // SHA-256 of the certificate, in hexadecimal; empty on first use
  std::vector<std::string> warnings;
  Time enrolled{};
  MachineState state = MachineState::kPending;
  Time since{};                        // in that state
  std::uint64_t index = 0;             // in the status list
  std::vector<std::string> dns_names;  // approved for its certificates
  std::string release;                 // whose values it must have; empty: those it had at first
  tcg::PcrValues baseline;             // learned from its first good evidence
  bool learned = false;                // the baseline holds
  Sighting last;
  std::vector<Drift> drift;   // why it is in kDrifted
  Time asked{};               // to attest now, unless it has since; the epoch: it was not
  Time due{};                 // by when, if it was
  std::uint64_t events = 0;   // numbers given to entries of its history
  std::uint64_t version = 0;  // of its entry in the store; not part of it
  bool ak_is_new = false;     // its key is not in the index yet; not part of it
};

// The first 32 digits of the digest in the key's name: the machine can compute it, too, and needs
// no memory of its enrolment.
std::string MachineId(View ak_name);
// 32 hexadecimal digits.
bool IsMachineId(std::string_view text);

// The names that an administrator approves for a machine's certificates: in the DNS, and not too
// many.
Result<void> CheckDnsNames(const std::vector<std::string>& names);

json::Array DriftJson(const std::vector<Drift>& drift);
json::Object MachineJson(const Machine& machine);
Result<Machine> MachineFromJson(std::string_view text);

// An entry of a machine's history.
struct MachineEvent {
  Time at{};
  std::string what;  // "enrolled", "approved", "trusted", "drifted", "moved" ...
  std::string text;
};

json::Array HistoryJson(const std::vector<MachineEvent>& history);

}  // namespace assay::monitor
