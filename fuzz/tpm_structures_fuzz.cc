// What TPMs, IMA and Azure's paravisor write: whatever the bytes, parsing must return.
#include "tee/azure/hcl_report.h"
#include "tee/tcg/sipa.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/platform_claim.h"
#include "tee/tpm/sipa_json.h"
#include "tee/tpm/structures.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View input = std::as_bytes(std::span(data, size));
  (void)tpm::ParseQuote(input);
  (void)tpm::ParseSignature(input);
  (void)tpm::ParseCertification(input);
  (void)tpm::ParsePlatformClaim(input);
  if (const auto events = tcg::ParseSipa(input)) (void)json::Write(tpm::SipaJson(*events));
  if (const auto area = tpm::ParsePublicArea(input)) (void)area->Name();
  if (const auto log = tpm::ParseImaLog(input)) {
    (void)tpm::EntriesUpTo(*log, tcg::HashAlgorithm::kSha256, Bytes(32, std::byte{1}), Bytes(32));
  }
  if (const auto report = azure::ParseHclReport(input)) {
    (void)azure::ParseRuntimeData(report->runtime_data);
  }
  (void)azure::ParseRuntimeData(input);
  return 0;
}
