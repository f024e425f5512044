#include "tee/sgx/open_enclave.h"

#include <fmt/format.h>

#include "base/reader.h"
#include "crypto/certificate.h"
#include "crypto/der.h"

namespace assay::sgx {
namespace {

constexpr std::string_view kQuoteExtensionOid = "1.2.840.113556.10.1.1";
constexpr std::size_t kHeaderSize = 16;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kTypeRemote = 2;

}  // namespace

bool LooksLikeOeReport(View evidence) {
  Reader in(evidence, "OE report");
  const auto version = in.U32Le("version");
  const auto type = in.U32Le("type");
  return evidence.size() >= kHeaderSize && version == kVersion && (type == 1U || type == 2U);
}

bool LooksLikeRaTlsCertificate(View evidence) {
  // A DER SEQUENCE with a two-byte length: no quote starts so, its version would be 33328.
  return evidence.size() > 4 && ToU8(evidence[0]) == 0x30 && ToU8(evidence[1]) == 0x82;
}

Result<View> UnwrapOeReport(View evidence) {
  Reader in(evidence, "OE report");
  TRY(in.U32Le("version"));
  const std::uint32_t type = TRY(in.U32Le("type"));
  if (type != kTypeRemote) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("OE report: type {} at offset 4, expected 2 (remote)", type),
                "a local report can only be checked on the machine that made it");
  }
  const std::uint64_t size = TRY(in.U64Le("report size"));
  if (size != in.remaining()) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("OE report: states {} bytes at offset 8, {} follow", size, in.remaining()));
  }
  return in.rest();
}

Result<Bytes> UnwrapRaTlsCertificate(View evidence) {
  const CertificatePtr certificate = TRY(Certificate::FromDer(evidence));
  auto report = certificate->Extension(kQuoteExtensionOid);
  if (!report) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("certificate: no extension {} with evidence", kQuoteExtensionOid),
                "expected an Open Enclave RA-TLS certificate");
  }
  // Azure Attestation's own certificates (2020) wrap the quote once more.
  if (!report->empty() && ToU8(report->front()) == DerReader::kOctetString) {
    DerReader wrapped(*report, "RA-TLS extension");
    return ToBytes(TRY(wrapped.Take(DerReader::kOctetString)));
  }
  return std::move(*report);
}

}  // namespace assay::sgx
