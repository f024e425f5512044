#include "release/reason.h"

namespace assay::release {

std::string_view Name(Reason reason) {
  switch (reason) {
    case Reason::kKeyNotExportable: return "key-not-exportable";
    case Reason::kKeyDisabled: return "key-disabled";
    case Reason::kKeyNotYetValid: return "key-not-yet-valid";
    case Reason::kKeyExpired: return "key-expired";
    case Reason::kNoPolicy: return "no-release-policy";
    case Reason::kTokenMalformed: return "token-malformed";
    case Reason::kTokenType: return "token-type";
    case Reason::kTooManyTokens: return "too-many-tokens";
    case Reason::kAlgorithmNone: return "algorithm-none";
    case Reason::kAlgorithmSymmetric: return "algorithm-symmetric";
    case Reason::kAlgorithmUnknown: return "algorithm-unknown";
    case Reason::kAlgorithmOfAnotherKey: return "algorithm-of-another-key";
    case Reason::kEmbeddedKey: return "embedded-key";
    case Reason::kForeignKeySet: return "foreign-key-set";
    case Reason::kCriticalExtension: return "critical-extension";
    case Reason::kNoIssuer: return "no-issuer";
    case Reason::kOtherAuthority: return "other-authority";
    case Reason::kOtherProvider: return "other-provider";
    case Reason::kUntrustedAuthority: return "untrusted-authority";
    case Reason::kNoKid: return "no-kid";
    case Reason::kUnknownKid: return "unknown-kid";
    case Reason::kBadSignature: return "bad-signature";
    case Reason::kNoExpiry: return "no-expiry";
    case Reason::kTokenExpired: return "token-expired";
    case Reason::kTokenNotYetValid: return "token-not-yet-valid";
    case Reason::kOtherAudience: return "other-audience";
    case Reason::kTwoOfOneAuthority: return "two-tokens-of-one-authority";
    case Reason::kClaimMissing: return "claim-missing";
    case Reason::kClaimOfAnotherType: return "claim-of-another-type";
    case Reason::kClaimAtAnotherLevel: return "claim-at-another-level";
    case Reason::kPolicyFalse: return "policy-false";
    case Reason::kAgreementIncomplete: return "agreement-incomplete";
    case Reason::kAgreementDiffers: return "agreement-differs";
    case Reason::kAgreementOfOneSigner: return "agreement-of-one-signer";
    case Reason::kRuntimeKeyAbsent: return "runtime-key-absent";
    case Reason::kRuntimeKeyAmbiguous: return "runtime-key-ambiguous";
    case Reason::kRuntimeKeyMalformed: return "runtime-key-malformed";
    case Reason::kRuntimeKeyNotRsa: return "runtime-key-not-rsa";
    case Reason::kRuntimeKeyWeak: return "runtime-key-weak";
    case Reason::kRuntimeKeyExponent: return "runtime-key-exponent";
    case Reason::kRuntimeKeysDiffer: return "runtime-keys-differ";
    case Reason::kMachineDrifted: return "machine-drifted";
    case Reason::kMachineRevoked: return "machine-revoked";
    case Reason::kNonceReplayed: return "nonce-replayed";
  }
  return {};
}

}  // namespace assay::release
