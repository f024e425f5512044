// Whose key is it?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/checks.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kAttributesClause = "TPM 2.0 Part 2 section 8.3; Part 1 section 36.3";

void CheckChain(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const Certificate& leaf = *evidence.ak_certificates.front();
  trace.Expect(leaf.key().SpkiDigest() == evidence.ak->key.SpkiDigest(), "ak.certificate",
               "a certificate of the attestation key",
               "SPKI SHA-256 " + HexEncode(leaf.key().SpkiDigest()), kChainClause);
  CheckCertificatePath(evidence.ak_certificates, input.roots.tpm, kAkPath, input, trace);
}

void CheckEnrolled(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const auto& enrolled = input.expectations.enrolled_aks;
  const Bytes name = evidence.ak->Name();
  const bool known = std::find(enrolled.begin(), enrolled.end(), name) != enrolled.end();
  trace.Expect(known, "ak.enrolled", "the name of an attestation key that was enrolled",
               HexEncode(name), "TPM 2.0 Part 1 section 16");
}

}  // namespace

void CheckKeyAttributes(const PublicArea& ak, Trace& trace) {
  // A key that is not restricted signs whatever its holder writes, a made-up quote for example.
  const bool good = ak.fixed_tpm() && ak.restricted() && ak.signs() && !ak.decrypt() &&
                    ak.sensitive_data_origin();
  trace.Expect(good, "ak.attributes",
               "fixedTPM, restricted, sign and sensitiveDataOrigin, not decrypt",
               fmt::format("attributes 0x{:08x}", ak.attributes), kAttributesClause);
}

void CheckAttestationKey(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  CheckKeyAttributes(*evidence.ak, trace);
  if (!input.expectations.enrolled_aks.empty()) {
    CheckEnrolled(evidence, input, trace);
  } else if (evidence.ak_certificates.empty()) {
    trace.Expect(false, "ak.trust", "a certificate of the attestation key, or an enrolled key",
                 "neither", kChainClause);
  } else {
    CheckChain(evidence, input, trace);
  }
}

}  // namespace assay::tpm
