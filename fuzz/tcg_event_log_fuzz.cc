// Boot logs of TPMs: parse, replay in every bank, bind data to digests, read the Secure Boot state
// and what Windows states.
#include "tee/tcg/event_digest.h"
#include "tee/tcg/replay.h"
#include "tee/tcg/secure_boot.h"
#include "tee/tcg/windows_boot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto log = tcg::ParseEventLog(std::as_bytes(std::span(data, size)));
  if (!log) return 0;
  for (const tcg::HashAlgorithm bank : log->banks) (void)tcg::Replay(*log, bank);
  for (const tcg::Event& event : log->events) (void)tcg::BindingOf(event);
  (void)tcg::ReadSecureBoot(*log);
  (void)tcg::ReadWindowsBoot(*log);
  return 0;
}
