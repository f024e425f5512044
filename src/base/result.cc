#include "base/result.h"

namespace assay {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMalformed: return "Malformed";
    case ErrorCode::kUnsupported: return "Unsupported";
    case ErrorCode::kMissing: return "Missing";
    case ErrorCode::kInvalidArgument: return "InvalidArgument";
    case ErrorCode::kConflict: return "Conflict";
    case ErrorCode::kIo: return "Io";
    case ErrorCode::kInternal: return "Internal";
  }
  return "Internal";
}

}  // namespace assay
