#include "guest/hardware.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/signing_key.h"
#include "tee/snp/certificate_table.h"

namespace assay {
namespace {

constexpr std::string_view kApiVersion = "?api-version=2025-06-01";
constexpr std::size_t kReportDataBytes = 64;

std::string_view ProviderOf(HardwareKind kind) {
  return kind == HardwareKind::kSnp ? "sev_guest" : "tdx_guest";
}

// The host may deliver the VCEK with its chain; without them the service looks for its own.
Result<std::string> ChainOf(const TsmReport& report) {
  std::string pem;
  if (!report.auxiliary || report.auxiliary->empty()) return pem;
  for (const CertificatePtr& one : TRY(snp::ParseCertificateTable(*report.auxiliary))) {
    pem += CertificateToPem(*one);
  }
  return pem;
}

// {"SnpReport", "VcekCertChain"}, as Azure's guests send it (api/attest_request.cc reads it).
Result<std::string> SnpEnvelope(const TsmReport& report) {
  const std::string chain = TRY(ChainOf(report));
  json::Object out{{"SnpReport", Base64UrlEncode(report.report)}};
  if (!chain.empty()) out.emplace_back("VcekCertChain", Base64UrlEncode(AsBytes(chain)));
  return json::Write(json::Value(std::move(out)));
}

}  // namespace

Bytes HardwareInputFor(View runtime_data) {
  Bytes out = ToBytes(Sha256(runtime_data));
  out.resize(kReportDataBytes);
  return out;
}

std::optional<HardwareKind> HardwareKindOf(const TsmReport& report) {
  for (const HardwareKind kind : {HardwareKind::kSnp, HardwareKind::kTdx}) {
    if (report.provider == ProviderOf(kind)) return kind;
  }
  return std::nullopt;
}

Result<HardwareRequest> CollectHardware(HardwareKind kind, const TsmTree& tree, View runtime_data) {
  const TsmReport report = TRY(ReadTsmReport(tree, HardwareInputFor(runtime_data)));
  return HardwareRequestOf(kind, report, runtime_data);
}

Result<HardwareRequest> HardwareRequestOf(HardwareKind kind, const TsmReport& report,
                                          View runtime_data) {
  if (report.provider != ProviderOf(kind)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("configfs-tsm: expected provider {}, found {}", ProviderOf(kind),
                            report.provider),
                "choose the kind of this machine");
  }
  const auto document = json::Parse(AsText(runtime_data));
  const bool is_json = document && document->AsObject() != nullptr;
  json::Object bound{{"data", Base64UrlEncode(runtime_data)},
                     {"dataType", is_json ? "JSON" : "Binary"}};
  const bool snp = kind == HardwareKind::kSnp;
  json::Object body;
  if (snp) {
    body.emplace_back("report", Base64UrlEncode(AsBytes(TRY(SnpEnvelope(report)))));
  } else {
    body.emplace_back("quote", Base64UrlEncode(report.report));
  }
  body.emplace_back("runtimeData", std::move(bound));
  return HardwareRequest{(snp ? "/attest/SevSnpVm" : "/attest/TdxVm") + std::string(kApiVersion),
                         json::Value(std::move(body))};
}

}  // namespace assay
