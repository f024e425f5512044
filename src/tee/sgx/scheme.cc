#include "tee/sgx/scheme.h"

#include <algorithm>

#include "base/encoding.h"
#include "tee/dcap/checks.h"
#include "tee/dcap/claims.h"
#include "tee/sgx/open_enclave.h"

namespace assay {
namespace {

using dcap::Quote;
using dcap::SgxReport;

struct SgxEvidence final : Parsed {
  Bytes bytes;                     // what the views below point into
  CertificatePtr tls_certificate;  // the RA-TLS certificate that carried it, if one did
  std::string_view wrapper;        // "", "Open Enclave report", "RA-TLS certificate"
  Quote quote;
  SgxReport report;

  ByteRange Range(std::size_t offset, std::size_t length) const {
    return {quote.body_offset + offset, length};
  }
  ByteRange attributes_range() const { return Range(48, 16); }
  ByteRange report_data_range() const { return Range(320, 64); }
};

const SgxEvidence& Sgx(const Parsed& parsed) { return static_cast<const SgxEvidence&>(parsed); }

bool Recognises(View evidence) {
  if (sgx::LooksLikeOeReport(evidence) || sgx::LooksLikeRaTlsCertificate(evidence)) return true;
  // Version 3 to 5 with TEE type 0; attestation key type 2 or 3.
  if (evidence.size() < dcap::kHeaderSize || evidence[1] != std::byte{0}) return false;
  const auto version = ToU8(evidence[0]);
  const auto key_type = ToU8(evidence[2]);
  return version >= 3 && version <= 5 && (key_type == 2 || key_type == 3) &&
         IsZero(evidence.subspan(3, 5));
}

std::size_t OffsetOf(View part, View whole) {
  const auto found = std::search(whole.begin(), whole.end(), part.begin(), part.end());
  return found == whole.end() ? 0 : static_cast<std::size_t>(found - whole.begin());
}

Result<std::unique_ptr<Parsed>> Parse(View evidence) {
  auto out = std::make_unique<SgxEvidence>();
  std::size_t offset = 0;  // of the quote in the evidence
  if (sgx::LooksLikeRaTlsCertificate(evidence)) {
    out->bytes = TRY(sgx::UnwrapRaTlsCertificate(evidence));
    out->tls_certificate = TRY(Certificate::FromDer(evidence));
    out->wrapper = "RA-TLS certificate";
    offset = OffsetOf(out->bytes, evidence);
  } else {
    out->bytes = ToBytes(evidence);
  }
  View quote = out->bytes;
  if (sgx::LooksLikeOeReport(quote)) {
    quote = TRY(sgx::UnwrapOeReport(quote));
    offset += out->bytes.size() - quote.size();
    if (out->wrapper.empty()) out->wrapper = "Open Enclave report";
  }
  out->quote = TRY(dcap::ParseQuote(quote, offset));
  if (out->quote.body_type != dcap::BodyType::kSgx) {
    return Fail(ErrorCode::kUnsupported, "quote: holds a TD report, expected an SGX report",
                "verify it as tdx");
  }
  out->report = TRY(dcap::ParseSgxReport(out->quote.body));
  return std::unique_ptr<Parsed>(std::move(out));
}

// RA-TLS binds the key of the certificate: REPORTDATA starts with the SHA-256 of the key, in one of
// the two encodings in use (Open Enclave: DER; Azure Attestation 2020: PEM with newline and NUL).
void CheckTlsBinding(const SgxEvidence& evidence, Trace& trace) {
  if (!evidence.tls_certificate) return;
  const auto digests = evidence.tls_certificate->key().SpkiBindingDigests();
  const View bound = evidence.report.report_data.first(32);
  const bool ok = std::any_of(digests.begin(), digests.end(),
                              [&](const Sha256Digest& digest) { return Equal(digest, bound); });
  trace.Expect(ok, "ra_tls.binding", "the certificate's key in REPORTDATA", HexEncode(bound),
               "Open Enclave attested TLS", evidence.report_data_range());
}

void CheckAttributes(const SgxEvidence& evidence, const VerifyInput& input, Trace& trace) {
  constexpr std::string_view kClause = "Intel SDM vol. 3D, ATTRIBUTES";
  trace.Expect(evidence.report.initialised(), "sgx.init", "INIT set",
               evidence.report.initialised() ? "set" : "not set", kClause,
               evidence.attributes_range());
  Check debug{"sgx.debug",
              Outcome::kPass,
              "a production enclave",
              "production",
              evidence.attributes_range(),
              kClause};
  if (evidence.report.debug()) {
    debug.outcome = input.expectations.allow_debug ? Outcome::kWarn : Outcome::kFail;
    debug.found = "DEBUG is set: the host can read and change the enclave's memory";
  }
  trace.Add(std::move(debug));
}

void CheckEvidence(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  const SgxEvidence& evidence = Sgx(parsed);
  dcap::CheckQuote(evidence.quote, std::nullopt, input, trace);
  CheckAttributes(evidence, input, trace);
  CheckTlsBinding(evidence, trace);
  dcap::CheckTrailing(evidence.quote, evidence.report.report_data, trace);
  dcap::CheckReportData(evidence.report.report_data, evidence.report_data_range(), input, trace);
}

CollateralNeeds Needs(const Parsed& parsed, VerifyCache& cache) {
  return dcap::NeedsOf(Sgx(parsed).quote, cache);
}

Claims MakeClaims(const Parsed& parsed, const VerifyInput& input) {
  const SgxEvidence& evidence = Sgx(parsed);
  Claims out;
  dcap::AppendSgxReport(evidence.report, out);
  dcap::AppendPlatformClaims(evidence.quote, std::nullopt, input, out);
  return out;
}

json::Value Describe(const Parsed& parsed) {
  const SgxEvidence& evidence = Sgx(parsed);
  json::Object out;
  if (!evidence.wrapper.empty()) out.emplace_back("wrapper", evidence.wrapper);
  dcap::AppendQuoteDescription(evidence.quote, out);
  dcap::AppendSgxReport(evidence.report, out);
  return out;
}

Meaning Explain(const Parsed& parsed, const Trace& trace) {
  const SgxEvidence& evidence = Sgx(parsed);
  Meaning out;
  if (!trace.failed()) {
    out.proves.push_back(
        "an enclave with this MRENCLAVE, signed by the owner of MRSIGNER, ran on a "
        "genuine Intel platform that Intel had not revoked");
    out.proves.push_back("that enclave, and nothing outside it, chose the REPORTDATA");
  }
  if (evidence.report.debug()) {
    out.does_not_prove.push_back(
        "confidentiality: a debug enclave's memory is readable by the host");
  }
  if (!trace.failed()) {
    out.does_not_prove.push_back(
        "when the quote was made, unless REPORTDATA holds your fresh nonce");
    out.does_not_prove.push_back(
        "who has the machine in hand: physical attacks on memory are out of "
        "Intel's scope");
  }
  return out;
}

}  // namespace

const Scheme kSgxScheme = {"sgx",      "Intel SGX quote", Recognises, Parse, CheckEvidence,
                           MakeClaims, Describe,          Explain,    Needs};

}  // namespace assay
