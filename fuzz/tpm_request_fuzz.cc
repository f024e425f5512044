// Messages of Azure's TPM protocol and of guests, below their envelopes.
#include <span>

#include "api/guest_request.h"
#include "api/tpm_evidence.h"
#include "api/tpm_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  (void)ParseTpmMessage(text);
  (void)ParseTpmRequest(text, "https://localhost");
  (void)ParseGuestRequest(text);
  // What only a signed request brings here.
  if (const auto document = json::Parse(text)) {
    (void)TpmEvidenceV1(*document);
    (void)TpmEvidenceV2(*document);
    (void)CertifiedKeyMember(*document);
  }
  return 0;
}
