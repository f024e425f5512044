#include "keys/fault.h"

#include <utility>

namespace assay::keys {
namespace {

FaultKind KindOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMalformed:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInvalidArgument: return FaultKind::kBadParameter;
    case ErrorCode::kMissing: return FaultKind::kNotFound;
    case ErrorCode::kConflict: return FaultKind::kConflict;
    case ErrorCode::kIo: return FaultKind::kUnavailable;
    case ErrorCode::kInternal: break;
  }
  return FaultKind::kInternal;
}

}  // namespace

Fault::Fault(Error error) : kind(KindOf(error.code)), message(std::move(error.message)) {
  if (!error.hint.empty()) message += "; " + error.hint;
}

std::string_view Name(FaultKind kind) {
  switch (kind) {
    case FaultKind::kBadParameter: return "bad parameter";
    case FaultKind::kNotFound: return "not found";
    case FaultKind::kDeleted: return "deleted";
    case FaultKind::kExists: return "exists";
    case FaultKind::kConflict: return "conflict";
    case FaultKind::kDisabled: return "disabled";
    case FaultKind::kNotYetValid: return "not yet valid";
    case FaultKind::kExpired: return "expired";
    case FaultKind::kOperationForbidden: return "operation forbidden";
    case FaultKind::kNotExportable: return "not exportable";
    case FaultKind::kImmutable: return "immutable";
    case FaultKind::kForbidden: return "forbidden";
    case FaultKind::kNotSupported: return "not supported";
    case FaultKind::kUnavailable: return "unavailable";
    case FaultKind::kInternal: break;
  }
  return "internal";
}

}  // namespace assay::keys
