// Whose key is it?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kAttributesClause = "TPM 2.0 Part 2 section 8.3; Part 1 section 36.3";

void CheckChain(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const Certificate& leaf = *evidence.ak_certificates.front();
  const Found& found = FoundIn(evidence, input);
  const bool same = found.key && leaf.key().SpkiDigest() == found.key->SpkiDigest();
  trace.Expect(same, "ak.certificate", "a certificate of the attestation key",
               "SPKI SHA-256 " + HexEncode(leaf.key().SpkiDigest()), kChainClause);
  CheckCertificatePath(evidence.ak_certificates, input.roots.tpm, kAkPath, input, trace);
}

// Of a key without its public area nobody but the certificate says that it signs for its TPM only.
void CheckPurpose(const TpmEvidence& evidence, Trace& trace) {
  const bool good = HasPurpose(*evidence.ak_certificates.front(), "2.23.133.8.3");
  trace.Expect(good, "ak.purpose", "a certificate for an attestation key (2.23.133.8.3)",
               good ? "it is" : "it is for something else, or does not say",
               "TCG EK Credential Profile, tcg-kp-AIKCertificate");
}

void CheckEnrolled(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const auto& enrolled = input.expectations.enrolled_aks;
  const Bytes name = evidence.ak ? evidence.ak->Name() : Bytes();
  const bool known = std::find(enrolled.begin(), enrolled.end(), name) != enrolled.end();
  trace.Expect(known, "ak.enrolled", "the name of an attestation key that was enrolled",
               HexEncode(name), "TPM 2.0 Part 1 section 16");
}

void CheckTrust(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (!input.expectations.enrolled_aks.empty()) {
    CheckEnrolled(evidence, input, trace);
  } else if (evidence.ak_certificates.empty()) {
    trace.Expect(false, "ak.trust", "a certificate of the attestation key, or an enrolled key",
                 "neither", kChainClause);
  } else {
    CheckChain(evidence, input, trace);
    if (!evidence.ak) CheckPurpose(evidence, trace);
  }
}

}  // namespace

void CheckKeyAttributes(const PublicFields& ak, Trace& trace) {
  // A key that is not restricted signs whatever its holder writes, a made-up quote for example.
  const bool good = ak.fixed_tpm() && ak.restricted() && ak.signs() && !ak.decrypt() &&
                    ak.sensitive_data_origin();
  trace.Expect(good, "ak.attributes",
               "fixedTPM, restricted, sign and sensitiveDataOrigin, not decrypt",
               fmt::format("attributes 0x{:08x}", ak.attributes), kAttributesClause);
}

bool IsVouchedFor(const TpmEvidence& evidence, const VerifyInput& input) {
  Expectations strict = input.expectations;
  strict.allow_unknown_ak = false;
  Trace trace;
  CheckTrust(evidence, {input.collateral, input.roots, strict, input.now, input.cache}, trace);
  return !trace.failed();
}

void CheckAttestationKey(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (evidence.ak) CheckKeyAttributes(*evidence.ak, trace);
  if (!input.expectations.allow_unknown_ak) {
    CheckTrust(evidence, input, trace);
    return;
  }
  const bool known = IsVouchedFor(evidence, input);
  trace.Add({"ak.trust",
             known ? Outcome::kPass : Outcome::kWaived,
             "a certificate of the attestation key, or an enrolled key",
             known ? "there is one" : "none that holds",
             {},
             kChainClause});
}

}  // namespace assay::tpm
