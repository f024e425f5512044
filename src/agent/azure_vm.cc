// Azure confidential VMs: what the paravisor and the metadata service hand out.
#include "agent/collect.h"
#include "base/encoding.h"
#include "base/json.h"
#include "net/client/https_client.h"
#include "tee/azure/hcl_report.h"

namespace assay::agent {
namespace {

constexpr std::uint32_t kHclReportIndex = 0x01400001;

// The quoting enclave is on the host: Azure's metadata service takes the TDREPORT to it.
Result<Bytes> QuoteOf(View td_report, const MetadataService& metadata) {
  HttpsRequest request;
  request.target = "/acc/tdquote";
  request.body = json::Write(json::Object{{"report", Base64UrlEncode(td_report)}});
  const HttpsResponse response =
      TRY(SendToMetadataService(metadata.address, metadata.port, request, {}));
  if (response.status != 200) {
    return Fail(ErrorCode::kIo, "Azure's metadata service: no quote, HTTP status " +
                                    std::to_string(response.status));
  }
  const json::Value body = TRY(json::Parse(response.body));
  return Base64UrlDecode(TRY(body.String("quote", "Azure's metadata service")));
}

}  // namespace

Result<void> AddAzureReport(Tpm& tpm, const MetadataService& metadata, Collected& collected) {
  auto report = TRY(tpm.ReadNv(kHclReportIndex));
  if (!report) {
    return Fail(ErrorCode::kMissing, "TPM: there is no NV index 0x01400001",
                "--kind azure is for Azure's confidential VMs");
  }
  const azure::HclReport hcl = TRY(azure::ParseHclReport(*report));
  if (hcl.kind == azure::HardwareKind::kTdx) {
    collected.td_quote = TRY(QuoteOf(hcl.hardware_report, metadata));
  }
  collected.hcl_report = std::move(*report);
  return {};
}

}  // namespace assay::agent
