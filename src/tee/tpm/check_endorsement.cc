// The endorsement key and its certificate.
#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/identity.h"
#include "tee/tpm/make_credential.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kTemplateClause = "TCG EK Credential Profile, annex B: templates";
constexpr std::string_view kCertificateClause = "TCG EK Credential Profile, EK certificate fields";
constexpr std::string_view kEkPurpose = "2.23.133.8.1";  // tcg-kp-EKCertificate

}  // namespace

void CheckEndorsementKey(const PublicArea& ek, Trace& trace) {
  // An unrestricted key would decrypt a credential for whoever asks: no TPM would compare names.
  const bool good = ek.fixed_tpm() && ek.fixed_parent() && ek.sensitive_data_origin() &&
                    ek.restricted() && ek.decrypt() && !ek.signs() &&
                    (ek.admin_with_policy() || ek.user_with_auth());
  trace.Expect(good, "ek.attributes",
               "fixedTPM, fixedParent, sensitiveDataOrigin, restricted and decrypt, not sign; "
               "adminWithPolicy or userWithAuth",
               fmt::format("attributes 0x{:08x}", ek.attributes), kTemplateClause);
  const Result<void> parameters = CheckStorageParameters(ek);
  trace.Expect(parameters.has_value(), "ek.parameters",
               "AES-128 or AES-256 in CFB mode, name algorithm SHA-256 or SHA-384",
               parameters ? "such a key" : parameters.error().message, kTemplateClause);
}

void CheckEndorsementCertificate(const PublicArea& ek,
                                 const std::vector<CertificatePtr>& certificates,
                                 const VerifyInput& input, Trace& trace) {
  const Certificate& leaf = *certificates.front();
  trace.Expect(leaf.key().SpkiDigest() == ek.key.SpkiDigest(), "ek.certificate",
               "a certificate of the endorsement key",
               "SPKI SHA-256 " + HexEncode(leaf.key().SpkiDigest()), kCertificateClause);
  const bool purpose = HasPurpose(leaf, kEkPurpose);
  trace.Expect(purpose && !leaf.is_ca(), "ek.usage",
               fmt::format("extended key usage {}, not a CA", kEkPurpose),
               fmt::format("{}, {}", purpose ? "that usage" : "another usage",
                           leaf.is_ca() ? "a CA" : "not a CA"),
               kCertificateClause);
  CheckCertificatePath(certificates, input.roots.tpm_vendors, kEkPath, input, trace);
}

}  // namespace assay::tpm
