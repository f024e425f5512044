// The TPM data of the Trusted Launch example of Azure's API specification
// (AttestAzureGuestVm.json):
// {"AttestationProtocolVersion", "IsolationInfo", "TpmInfo"} of its attestationInfo, without the
// log.
#include <gtest/gtest.h>

#include "api/guest_request.h"
#include "base/encoding.h"
#include "tee/core/roots.h"
#include "vectors/samples.h"

namespace assay {
namespace {

TEST(AzureGuestExample, IsJudgedDownToWhatItDoesNotBring) {
  const auto file = samples::Root() /
                    "tpm/azure-trustedlaunch-maa-example-REFERENCE-ONLY/attestation_info_tpm.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no real evidence at " << file;
  const std::string info(AsText(samples::Read(file)));
  const std::string body =
      json::Write(json::Object{{"attestationInfo", Base64UrlEncode(AsBytes(info))}});
  const GuestRequest request = ParseGuestRequest(body).value();
  Appraiser appraiser(DefaultRoots());
  Expectations expectations = request.attest.expectations;
  const Verdict verdict =
      appraiser
          .Appraise(request.attest.evidence, request.attest.scheme, Collateral{}, expectations,
                    ParseTime("2024-06-01T00:00:00Z").value())
          .value();
  // The issuer of the key's certificate is not in the request, nor is the log in the sample.
  std::string failed;
  for (const Check& check : verdict.checks) {
    if (check.outcome == Outcome::kFail) failed += std::string(check.name) + " ";
  }
  EXPECT_EQ(failed, "ak.chain event_log.present ");
}

}  // namespace
}  // namespace assay
