// Why a key was not released. Stable across releases: clients and tests branch on the names.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace assay::release {

enum class Reason {
  // The key.
  kKeyNotExportable,
  kKeyDisabled,
  kNoPolicy,
  // The token.
  kTokenMalformed,
  kTokenType,
  kTooManyTokens,
  kAlgorithmNone,
  kAlgorithmSymmetric,
  kAlgorithmUnknown,
  kAlgorithmOfAnotherKey,
  kEmbeddedKey,
  kForeignKeySet,
  kCriticalExtension,
  kNoIssuer,
  kOtherAuthority,
  kOtherProvider,
  kUntrustedAuthority,
  kNoKid,
  kUnknownKid,
  kBadSignature,
  kNoExpiry,
  kTokenExpired,
  kTokenNotYetValid,
  kOtherAudience,
  kTwoOfOneAuthority,
  // What the token says.
  kClaimMissing,
  kClaimOfAnotherType,
  kClaimAtAnotherLevel,
  kPolicyFalse,
  kAgreementIncomplete,
  kAgreementDiffers,
  kAgreementOfOneSigner,
  // The key to wrap to.
  kRuntimeKeyAbsent,
  kRuntimeKeyAmbiguous,
  kRuntimeKeyMalformed,
  kRuntimeKeyNotRsa,
  kRuntimeKeyWeak,
  kRuntimeKeyExponent,
  kRuntimeKeysDiffer,
  // The world.
  kMachineDrifted,
  kMachineRevoked,
  kMachineUnproven,
  kNonceReplayed,
};

std::string_view Name(Reason reason);  // "TokenExpired"

enum class Outcome { kMet, kMissing, kOtherLevel, kOtherType, kFalse, kNoToken };

// One condition of the policy, as it was judged.
struct Finding {
  std::string place;  // "anyOf[0].allOf[1]"
  Outcome outcome = Outcome::kFalse;
  std::string claim;     // with dots
  std::string expected;  // "equals \"sevsnpvm\""
  std::string found;
};

// Data, not an error: the release was judged, and refused.
struct Denial {
  Reason reason = Reason::kPolicyFalse;
  std::string message;
  std::vector<Finding> findings;  // of the policy, if it came to that
};

// What ends a judgement early: a denial, or a failure to judge.
struct Stop {
  Stop(Denial denial) : why(std::move(denial)) {}
  Stop(Error error) : why(std::move(error)) {}

  std::variant<Denial, Error> why;
};

template <typename T>
using Judged = tl::expected<T, Stop>;

inline tl::unexpected<Stop> Deny(Reason reason, std::string message) {
  return tl::unexpected<Stop>(Denial{reason, std::move(message), {}});
}

}  // namespace assay::release
