// What a service, a TPM's NV index or a kernel's list may hold: whatever the bytes, the agent
// returns.
#include "agent/evidence_document.h"
#include "agent/machine_keys.h"
#include "agent/protocol.h"
#include "agent/service.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View input = std::as_bytes(std::span(data, size));
  const agent::Said said = agent::Understand({200, {}, std::string(AsText(input))});
  (void)said.Text();
  (void)agent::ReadChallenge(said.body);
  (void)agent::SplitCertificates(input);
  (void)agent::ImaLogFrom(input, 3);
  (void)ParseHttpsUrl(AsText(input));
  return 0;
}
