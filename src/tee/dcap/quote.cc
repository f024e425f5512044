#include "tee/dcap/quote.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace assay::dcap {
namespace {

constexpr std::uint32_t kTeeSgx = 0;
constexpr std::uint32_t kTeeTdx = 0x81;
constexpr std::uint16_t kKeyTypeEcdsaP256 = 2;
constexpr std::uint16_t kCertTypeQeReport = 6;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kPointSize = 64;
constexpr std::size_t kQeVendorIdSize = 16;

tl::unexpected<Error> Unsupported(std::string message) {
  return Fail(
      ErrorCode::kUnsupported, std::move(message),
      "supported: SGX quotes v3 to v5, TDX quotes v4 and v5 with TD report 1.0, 1.5 or 1.5Ex, all "
      "with ECDSA P-256 keys");
}

Result<void> ParseHeader(Reader& in, Quote& quote) {
  quote.version = TRY(in.U16Le("version"));
  quote.attestation_key_type = TRY(in.U16Le("attestation key type"));
  quote.tee_type = TRY(in.U32Le("TEE type"));
  TRY(in.Take(4, "QE SVN and PCE SVN"));
  quote.qe_vendor_range = {in.offset(), kQeVendorIdSize};
  quote.qe_vendor_id = TRY(in.Take(kQeVendorIdSize, "QE vendor id"));
  TRY(in.Take(20, "user data"));
  if (quote.version < 3 || quote.version > 5) {
    return Unsupported(fmt::format("quote header: version {}, expected 3 to 5", quote.version));
  }
  if (quote.attestation_key_type != kKeyTypeEcdsaP256) {
    return Unsupported(fmt::format("quote header: attestation key type {}, expected 2",
                                   quote.attestation_key_type));
  }
  if (quote.tee_type != kTeeSgx && quote.tee_type != kTeeTdx) {
    return Unsupported(fmt::format("quote header: TEE type 0x{:x}", quote.tee_type));
  }
  return {};
}

// v5 states the type of its body in words of its own; before, it follows from version and TEE type.
Result<BodyType> ParseBodyDescriptor(Reader& in, const Quote& quote) {
  if (quote.version < 5) {
    if (quote.tee_type == kTeeSgx) return BodyType::kSgx;
    if (quote.version == 4) return BodyType::kTd10;
    return Unsupported(
        fmt::format("quote: version {} with TEE type 0x{:x}", quote.version, quote.tee_type));
  }
  const std::uint16_t type = TRY(in.U16Le("body type"));
  const std::uint32_t size = TRY(in.U32Le("body size"));
  struct Known {
    std::uint16_t type;
    std::uint32_t tee, size;
    BodyType body;
  };
  constexpr std::array<Known, 4> kKnown = {{{1, kTeeSgx, kSgxReportSize, BodyType::kSgx},
                                            {2, kTeeTdx, kTd10ReportSize, BodyType::kTd10},
                                            {3, kTeeTdx, kTd15ReportSize, BodyType::kTd15},
                                            {4, kTeeTdx, kTd15ExReportSize, BodyType::kTd15Ex}}};
  for (const Known& known : kKnown) {
    if (known.type == type && known.tee == quote.tee_type && known.size == size) return known.body;
  }
  return Unsupported(fmt::format("quote v5: body type {} of {} bytes with TEE type 0x{:x}", type,
                                 size, quote.tee_type));
}

std::size_t BodySize(BodyType type) {
  switch (type) {
    case BodyType::kSgx: return kSgxReportSize;
    case BodyType::kTd10: return kTd10ReportSize;
    case BodyType::kTd15: return kTd15ReportSize;
    case BodyType::kTd15Ex: return kTd15ExReportSize;
  }
  return 0;
}

// The QE report with its certification, in v3 directly behind the attestation key.
Result<void> ParseQeCertification(Reader& in, Quote& quote) {
  quote.qe_report_range = {in.offset(), kSgxReportSize};
  quote.qe_report = TRY(in.Take(kSgxReportSize, "QE report"));
  quote.qe = TRY(ParseSgxReport(quote.qe_report));
  quote.qe_report_signature = TRY(in.Take(kSignatureSize, "QE report signature"));
  quote.qe_auth_data =
      TRY(in.Take(TRY(in.U16Le("QE authentication data size")), "QE authentication data"));
  quote.certification_type = TRY(in.U16Le("certification data type"));
  const std::uint32_t size = TRY(in.U32Le("certification data size"));
  quote.certification_range = {in.offset(), size};
  quote.certification_data = TRY(in.Take(size, "certification data"));
  quote.certification_digest = Sha256(quote.certification_data);
  return in.ExpectEnd();
}

Result<void> ParseSignatureData(View data, std::size_t offset, Quote& quote) {
  Reader in(data, "quote signature data", offset);
  quote.signature_range = {in.offset(), kSignatureSize};
  quote.signature = TRY(in.Take(kSignatureSize, "quote signature"));
  quote.attestation_key_range = {in.offset(), kPointSize};
  quote.attestation_key = TRY(in.Take(kPointSize, "attestation public key"));
  if (quote.version == 3) return ParseQeCertification(in, quote);
  const std::uint16_t type = TRY(in.U16Le("outer certification data type"));
  if (type != kCertTypeQeReport) {
    return Unsupported(fmt::format("quote v{}: certification data type {} at offset {}, expected 6",
                                   quote.version, type, in.offset() - 2));
  }
  const std::uint32_t size = TRY(in.U32Le("outer certification data size"));
  const std::size_t inner_offset = in.offset();
  Reader inner(TRY(in.Take(size, "outer certification data")), "QE report certification data",
               inner_offset);
  TRY_VOID(in.ExpectEnd());
  return ParseQeCertification(inner, quote);
}

}  // namespace

Result<Quote> ParseQuote(View data, std::size_t offset) {
  Reader in(data, "quote", offset);
  Quote quote;
  TRY_VOID(ParseHeader(in, quote));
  quote.body_type = TRY(ParseBodyDescriptor(in, quote));
  quote.body_offset = in.offset();
  quote.body = TRY(in.Take(BodySize(quote.body_type), "report body"));
  quote.signed_region = data.first(data.size() - in.remaining());
  const std::uint32_t size = TRY(in.U32Le("signature data length"));
  const std::size_t signature_offset = in.offset();
  TRY_VOID(ParseSignatureData(TRY(in.Take(size, "signature data")), signature_offset, quote));
  quote.whole = data.first(data.size() - in.remaining());
  quote.trailing = in.rest();
  quote.trailing_range = {in.offset(), in.remaining()};
  return quote;
}

}  // namespace assay::dcap
