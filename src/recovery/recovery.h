// One recovery of a key, from its request to its end, as it is kept for good.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "keys/fault.h"
#include "recovery/officers.h"

namespace assay::recovery {

struct Approval {
  std::string officer;
  std::string jws;  // compact, over the statement
  Time at{};
};

enum class RecoveryState { kOpen, kCompleted };

struct Recovery {
  std::string id;            // 32 hexadecimal digits
  std::string vault;         // its id: no approval is for two vaults
  std::string key, version;  // what is recovered
  std::string to;            // the RSA key it is wrapped to: SHA-256 of its SPKI, in hexadecimal
  json::Value to_jwk;        // the same key
  std::string reason;
  std::string requested_by;
  Time requested{}, expires{};
  std::vector<Approval> approvals;
  RecoveryState state = RecoveryState::kOpen;
  Time completed{};
  std::string completed_by;
};

// `typ` of an approval's header: nothing else that officers sign can be taken for one.
inline constexpr std::string_view kApprovalType = "assay-recovery+jws";

// What officers sign: all that was asked for, as one text. Two recoveries never have the same.
std::string StatementOf(const Recovery& recovery);

// The officer whose approval it is. Refused, each in its own words: no officer named by the kid, a
// signature that is not the officer's, another statement.
keys::Outcome<const Officer*> CheckApproval(const Recovery& recovery, const Officers& officers,
                                            std::string_view jws);

// Approvals that hold now: of those who are officers still, by their present keys.
std::size_t CountApprovals(const Recovery& recovery, const Officers& officers);

json::Object RecoveryJson(const Recovery& recovery);
Result<Recovery> RecoveryFromJson(std::string_view text);

}  // namespace assay::recovery
