#include "release/reason.h"

namespace assay::release {

std::string_view Name(Reason reason) {
  switch (reason) {
    case Reason::kKeyNotExportable: return "KeyNotExportable";
    case Reason::kKeyDisabled: return "KeyDisabled";
    case Reason::kNoPolicy: return "NoReleasePolicy";
    case Reason::kTokenMalformed: return "TokenMalformed";
    case Reason::kTokenType: return "TokenType";
    case Reason::kTooManyTokens: return "TooManyTokens";
    case Reason::kAlgorithmNone: return "AlgorithmNone";
    case Reason::kAlgorithmSymmetric: return "AlgorithmSymmetric";
    case Reason::kAlgorithmUnknown: return "AlgorithmUnknown";
    case Reason::kAlgorithmOfAnotherKey: return "AlgorithmOfAnotherKey";
    case Reason::kEmbeddedKey: return "EmbeddedKey";
    case Reason::kForeignKeySet: return "ForeignKeySet";
    case Reason::kCriticalExtension: return "CriticalExtension";
    case Reason::kNoIssuer: return "NoIssuer";
    case Reason::kOtherAuthority: return "OtherAuthority";
    case Reason::kOtherProvider: return "OtherProvider";
    case Reason::kUntrustedAuthority: return "UntrustedAuthority";
    case Reason::kNoKid: return "NoKid";
    case Reason::kUnknownKid: return "UnknownKid";
    case Reason::kBadSignature: return "BadSignature";
    case Reason::kNoExpiry: return "NoExpiry";
    case Reason::kTokenExpired: return "TokenExpired";
    case Reason::kTokenNotYetValid: return "TokenNotYetValid";
    case Reason::kOtherAudience: return "OtherAudience";
    case Reason::kTwoOfOneAuthority: return "TwoTokensOfOneAuthority";
    case Reason::kClaimMissing: return "ClaimMissing";
    case Reason::kClaimOfAnotherType: return "ClaimOfAnotherType";
    case Reason::kClaimAtAnotherLevel: return "ClaimAtAnotherLevel";
    case Reason::kPolicyFalse: return "PolicyFalse";
    case Reason::kAgreementIncomplete: return "AgreementIncomplete";
    case Reason::kAgreementDiffers: return "AgreementDiffers";
    case Reason::kAgreementOfOneSigner: return "AgreementOfOneSigner";
    case Reason::kRuntimeKeyAbsent: return "RuntimeKeyAbsent";
    case Reason::kRuntimeKeyAmbiguous: return "RuntimeKeyAmbiguous";
    case Reason::kRuntimeKeyMalformed: return "RuntimeKeyMalformed";
    case Reason::kRuntimeKeyNotRsa: return "RuntimeKeyNotRsa";
    case Reason::kRuntimeKeyWeak: return "RuntimeKeyWeak";
    case Reason::kRuntimeKeyExponent: return "RuntimeKeyExponent";
    case Reason::kRuntimeKeysDiffer: return "RuntimeKeysDiffer";
    case Reason::kMachineDrifted: return "MachineDrifted";
    case Reason::kMachineRevoked: return "MachineRevoked";
    case Reason::kMachineUnproven: return "MachineUnproven";
    case Reason::kNonceReplayed: return "NonceReplayed";
  }
  return {};
}

}  // namespace assay::release
