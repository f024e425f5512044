// What a disk, the host's tables or a service's answer may hold: whatever the bytes, the agent
// returns, and no header that hides nothing passes.
#include <cstdlib>

#include "agent/crypttab.h"
#include "agent/luks_header.h"
#include "agent/release_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  const auto header = agent::ParseLuksHeader(text);
  if (header) {
    for (const agent::LuksToken& token : header->tokens) {
      if (!agent::ParseKeyAddress(token.key.name + "," + token.key.version)) std::abort();
    }
  }
  (void)agent::DeviceInCrypttab(text, "data");
  (void)agent::VolumeInSocketName(text);
  (void)agent::ReadReleaseAnswer(text, {{"disk"}, "n"}, {}, Time{});
  return 0;
}
