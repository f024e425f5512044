// The canonical record of a decision: what an entry of the ledger says.
//
// A deterministic CBOR array (RFC 8949 §4.2.1), so one record has one encoding, and its digest
// commits to all it says:
//
//   [1, kind, time, subject, actor, verdict, evidence, policy, [collateral], [failed checks],
//    build, configuration, detail]
//
// Digests are SHA-256, as byte strings; null where there is none. Collateral is a set: its digests
// ascend.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace assay::ledger {

enum class RecordKind : std::uint8_t {
  kAttestation = 1,
  kDenial = 2,
  kPolicyChange = 3,
  kEnrolment = 4,
  kDrift = 5,
  kKeyCreation = 6,
  kKeyRelease = 7,
  kAdministration = 8,
  kRedaction = 9,  // subject: the index of the entry whose body went
};

enum class RecordVerdict : std::uint8_t { kNone = 0, kPermitted = 1, kDenied = 2 };

struct Record {
  RecordKind kind = RecordKind::kAttestation;
  Time time{};
  std::string subject;  // what was decided about: a machine, a key, a policy
  std::string actor;    // who asked; empty: nobody, the service by itself
  RecordVerdict verdict = RecordVerdict::kNone;
  std::optional<Sha256Digest> evidence;
  std::optional<Sha256Digest> policy;
  std::vector<Sha256Digest> collateral;
  std::vector<std::string> failed_checks;
  std::optional<Sha256Digest> build;          // of the program that decided
  std::optional<Sha256Digest> configuration;  // of that program
  std::string detail;
  bool operator==(const Record&) const = default;
};

std::string_view Name(RecordKind kind);        // "key-release"
std::string_view Name(RecordVerdict verdict);  // "permitted"

// kMalformed for a record that breaks a bound, or contradicts itself: an attestation that was
// denied.
Result<Bytes> EncodeRecord(const Record& record);
Result<Record> DecodeRecord(View bytes);

json::Object RecordJson(const Record& record);

}  // namespace assay::ledger
