// Intel's TCB info and QE identity, from JSON text to matched levels.
#include "tee/dcap/signed_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  JsonDocument document;
  document.text = AsText(std::as_bytes(std::span(data, size)));
  const auto parsed = dcap::ParseSignedDocument(document);
  if (parsed && parsed->tcb_info) {
    dcap::Svns svns{};
    svns.fill(5);
    (void)dcap::MatchPlatformLevel(*parsed->tcb_info, svns, 13, svns);
  }
  if (parsed && parsed->qe_identity) (void)dcap::MatchIsvLevel(parsed->qe_identity->levels, 5);
  return 0;
}
