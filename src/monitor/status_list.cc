#include "monitor/status_list.h"

#include <zlib.h>

namespace assay::monitor {

unsigned StatusOf(MachineState state) {
  constexpr unsigned kValid = 0, kInvalid = 1, kSuspended = 2;
  switch (state) {
    case MachineState::kTrusted: return kValid;
    case MachineState::kRevoked: return kInvalid;
    case MachineState::kPending:
    case MachineState::kApproved:
    case MachineState::kAsked:
    case MachineState::kDrifted:
    case MachineState::kUnreachable: break;
  }
  return kSuspended;
}

Result<Bytes> CompressStatuses(const std::vector<MachineState>& states) {
  constexpr std::size_t kInByte = 8 / kStatusBits;
  Bytes list((states.size() + kInByte - 1) / kInByte);
  for (std::size_t i = 0; i < states.size(); ++i) {
    const unsigned shift = static_cast<unsigned>(i % kInByte) * kStatusBits;
    list[i / kInByte] |= static_cast<std::byte>(StatusOf(states[i]) << shift);
  }
  uLongf size = compressBound(static_cast<uLong>(list.size()));
  Bytes out(size);
  const int result = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(list.data()),
                               static_cast<uLong>(list.size()), Z_BEST_COMPRESSION);
  if (result != Z_OK) return Fail(ErrorCode::kInternal, "the status list could not be compressed");
  out.resize(size);
  return out;
}

}  // namespace assay::monitor
