// CC event logs: parse and replay.
#include "tee/core/cc_event_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  if (const auto log = cc_log::ParseEventLog(std::as_bytes(std::span(data, size)))) {
    (void)cc_log::Replay(*log);
  }
  return 0;
}
