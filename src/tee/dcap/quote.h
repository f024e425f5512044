// The DCAP quote: versions 3 (SGX), 4 and 5 (SGX or TDX).
//
// Source: "Intel SGX ECDSA QuoteLibReference DCAP API" Appendix A.4 (v3) and "Intel TDX DCAP
// Quoting Library API" (v4, v5); for body type 4, Intel's quote verification library. Integers are
// little-endian, signatures and points big-endian.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "evidence/trace.h"
#include "tee/dcap/sgx_report.h"

namespace assay::dcap {

enum class BodyType { kSgx, kTd10, kTd15, kTd15Ex };

inline constexpr std::size_t kHeaderSize = 48;
inline constexpr std::size_t kTd10ReportSize = 584;
inline constexpr std::size_t kTd15ReportSize = 648;
inline constexpr std::size_t kTd15ExReportSize = 885;
inline constexpr std::uint16_t kCertTypePemChain = 5;

// All views point into the bytes that ParseQuote was given.
struct Quote {
  std::uint16_t version = 0;
  std::uint16_t attestation_key_type = 0;  // 2: ECDSA P-256
  std::uint32_t tee_type = 0;              // 0: SGX, 0x81: TDX
  View qe_vendor_id;
  BodyType body_type = BodyType::kSgx;

  View body;                    // the SGX or TD report
  std::size_t body_offset = 0;  // this and all ranges count from the start of the evidence
  View signed_region;           // header [+ v5 descriptor] + body
  View signature;               // r ‖ s over signed_region
  View attestation_key;         // x ‖ y
  View qe_report;               // SGX report body of the quoting enclave, 384 bytes
  SgxReport qe;                 // the same, read
  View qe_report_signature;
  View qe_auth_data;
  std::uint16_t certification_type = 0;
  View certification_data;
  Sha256Digest certification_digest{};  // SHA-256 of certification_data
  ByteRange qe_vendor_range, signature_range, attestation_key_range, qe_report_range,
      certification_range;

  View whole;     // the quote without what follows it
  View trailing;  // bytes behind the quote; no signature covers them
  ByteRange trailing_range;
};

// `offset` is that of the quote in the evidence, which may wrap it.
Result<Quote> ParseQuote(View data, std::size_t offset = 0);

}  // namespace assay::dcap
