#include <memory>

#include "base/encoding.h"
#include "crypto/public_key.h"
#include "tee/core/verify_cache.h"
#include "tee/dcap/checks.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kClause = "DCAP API A.4, ECDSA signature data";
constexpr std::string_view kIntelQeVendorId = "939a7233f79c4ca9940a0db3957f0607";

// What is known of an attestation key once its QE report was found right under a PCK.
struct CertifiedKey {
  PublicKey key;
};

// Everything that the certification of the attestation key depends on.
Sha256Digest CertificationDigest(const Quote& quote, const Certificate& pck) {
  Bytes preimage;
  preimage.reserve(1024);
  Append(preimage, AsBytes("attestation key"));
  Append(preimage, quote.qe_report);
  Append(preimage, quote.qe_report_signature);
  Append(preimage, quote.attestation_key);
  Append(preimage, pck.digest());
  Append(preimage, quote.qe_auth_data);  // last: the only part of variable length
  return Sha256(preimage);
}

// QE report REPORTDATA = SHA-256(attestation key ‖ authentication data) ‖ 32 zero bytes.
bool IsBound(const Quote& quote) {
  Bytes preimage;
  Append(preimage, quote.attestation_key);
  Append(preimage, quote.qe_auth_data);
  const View report_data = quote.qe_report.last(64);
  return Equal(Sha256(preimage), report_data.first(32)) && IsZero(report_data.last(32));
}

std::shared_ptr<const CertifiedKey> CertifyKey(const Quote& quote, const Certificate& pck,
                                               VerifyCache& cache, Trace& trace) {
  const Sha256Digest digest = CertificationDigest(quote, pck);
  auto known = cache.Find<CertifiedKey>(digest);
  const bool signature =
      known || pck.key().VerifyEcdsa(Sha256(quote.qe_report), quote.qe_report_signature);
  const bool bound = known || IsBound(quote);
  trace.Expect(signature, "qe_report.signature", "signed by the PCK key",
               signature ? "it is" : "it is not", kClause, quote.qe_report_range);
  trace.Expect(bound, "attestation_key.binding", "its hash in the QE report's REPORTDATA",
               bound ? "it is" : "REPORTDATA holds another hash", kClause, quote.qe_report_range);
  if (known) return known;
  auto key = PublicKey::FromPoint(Curve::kP256, quote.attestation_key);
  trace.Expect(key.has_value(), "attestation_key.point", "a point of P-256",
               key ? "it is" : "it is not", kClause, quote.attestation_key_range);
  if (!key) return nullptr;
  auto certified = std::make_shared<const CertifiedKey>(CertifiedKey{*key});
  if (signature && bound) cache.Put<CertifiedKey>(digest, certified);
  return certified;
}

}  // namespace

void CheckQuoteSignatures(const Quote& quote, const Endorsements& endorsements,
                          const VerifyInput& input, Trace& trace) {
  const std::string vendor = HexEncode(quote.qe_vendor_id);
  trace.Expect(vendor == kIntelQeVendorId, "quote.qe_vendor",
               std::string(kIntelQeVendorId) + " (Intel)", vendor, "DCAP API A.4, QE vendor ID",
               quote.qe_vendor_range);
  if (!endorsements.chain) return;  // pck.chain has failed
  const auto certified = CertifyKey(quote, *endorsements.chain->leaf, input.cache, trace);
  if (!certified) return;
  const bool ok = certified->key.VerifyEcdsa(Sha256(quote.signed_region), quote.signature);
  trace.Expect(ok, "quote.signature", "signed by the attestation key", ok ? "it is" : "it is not",
               kClause, quote.signature_range);
}

}  // namespace assay::dcap
