// Enrolment with a real TPM: every route, and every refusal with its own reason.
#include "monitor/enrolment.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "real_tpm/machine.h"

namespace assay::testing {
namespace {

using monitor::ActivationRefusal;
using monitor::Begun;
using monitor::Completed;
using monitor::Enrolled;
using monitor::Enrolment;
using monitor::EnrolRequest;
using Reason = ActivationRefusal::Reason;

std::vector<std::string> Failed(const std::vector<Check>& checks) {
  std::vector<std::string> out;
  for (const Check& check : checks) {
    if (check.outcome == Outcome::kFail) out.emplace_back(check.name);
  }
  return out;
}
using Names = std::vector<std::string>;

class EnrolmentOfATpm : public ::testing::Test {
 protected:
  // Makers are of `maker`; with `clouds`, it also vouches for attestation keys.
  void Serve(bool first_use = false, bool missing_crl = false, bool clouds = false) {
    monitor::EnrolmentOptions options;
    options.roots.tpm_vendors = {maker_.root->key().SpkiDigest()};
    if (clouds) options.roots.tpm = {maker_.root->key().SpkiDigest()};
    options.allow_first_use = first_use;
    options.allow_missing_crl = missing_crl;
    service_ = Enrolment::Make(options).value();
  }
  void SetUp() override { Serve(); }

  EnrolRequest ByEk(const CertificatePtr& certificate) const {
    EnrolRequest out;
    out.name = "web-1";
    out.ak = ak_.public_area;
    out.ek = ek_.public_area;
    if (certificate) out.ek_certificates = {certificate->der()};
    return out;
  }
  EnrolRequest ByEk() const { return ByEk(maker_.Certify(ek_, EkSpec())); }

  EnrolRequest ByAk(const CertificatePtr& iak, const CertificatePtr& idevid) const {
    EnrolRequest out;
    out.ak = ak_.public_area;
    out.ak_certificates = {iak->der()};
    if (idevid) out.idevid_certificates = {idevid->der()};
    return out;
  }
  EnrolRequest ByIak() const {
    return ByAk(maker_.Certify(ak_, DeviceSpec()), maker_.Certify(ek_, DeviceSpec()));
  }

  Begun Begin(const EnrolRequest& request) {
    return service_->Begin(request, maker_.CollateralWith(), kNow).value();
  }
  Names FailuresOf(const EnrolRequest& request) {
    const Begun begun = Begin(request);
    EXPECT_FALSE(begun.opened);
    return Failed(begun.checks);
  }

  Bytes SecretOf(const Begun& begun) {
    return tpm_.Activate(ak_, ek_, std::get<tpm::Credential>(begun.opened->challenge)).value();
  }
  Bytes QuoteOf(const Begun& begun) {
    return Evidence(ak_, tpm_.Quote(ak_, std::get<Bytes>(begun.opened->challenge)));
  }
  Completed WithSecret(const Begun& begun, View secret, Time now = kNow) {
    return service_->Complete(begun.opened->enrolment, monitor::SecretProof{secret}, now).value();
  }
  static Reason ReasonOf(const Completed& completed) {
    return std::get<ActivationRefusal>(completed).reason;
  }

  TpmInProcess tpm_;
  TpmObject ek_ = tpm_.CreatePrimary(StorageTemplate());
  TpmObject ak_ = tpm_.CreatePrimary(SigningTemplate());
  Maker maker_ = Maker::Make();
  std::unique_ptr<Enrolment> service_;
};

TEST_F(EnrolmentOfATpm, ByItsEndorsementKeyEndsWithItsMachineId) {
  const Begun begun = Begin(ByEk());
  ASSERT_TRUE(begun.opened);
  const Completed completed = WithSecret(begun, SecretOf(begun));
  ASSERT_TRUE(std::holds_alternative<Enrolled>(completed));
  const Enrolled& enrolled = std::get<Enrolled>(completed);
  EXPECT_EQ(enrolled.route, "ek-certificate");
  EXPECT_EQ(enrolled.name, "web-1");
  EXPECT_EQ(enrolled.machine, HexEncode(Sha256(ak_.public_area)).substr(0, 32));
  EXPECT_EQ(enrolled.ak, ak_.public_area);
  EXPECT_TRUE(enrolled.ek_certificate_digest);
  EXPECT_TRUE(enrolled.warnings.empty());
}

TEST_F(EnrolmentOfATpm, ByACloudsCertificateQuotesTheNonce) {
  Serve(false, false, true);
  const Begun begun = Begin(ByAk(maker_.Certify(ak_, DeviceSpec()), nullptr));
  ASSERT_TRUE(begun.opened);
  const Bytes evidence = QuoteOf(begun);
  const Completed completed =
      service_->Complete(begun.opened->enrolment, monitor::EvidenceProof{evidence}, kNow).value();
  ASSERT_TRUE(std::holds_alternative<Enrolled>(completed));
  EXPECT_EQ(std::get<Enrolled>(completed).route, "ak-certificate");
  EXPECT_EQ(std::get<Enrolled>(completed).ak_certificate_digests.size(), 1U);
}

TEST_F(EnrolmentOfATpm, ByItsDeviceIdentityQuotesTheNonce) {
  const Begun begun = Begin(ByIak());
  ASSERT_TRUE(begun.opened);
  const Bytes evidence = QuoteOf(begun);
  const Completed completed =
      service_->Complete(begun.opened->enrolment, monitor::EvidenceProof{evidence}, kNow).value();
  ASSERT_TRUE(std::holds_alternative<Enrolled>(completed));
  EXPECT_EQ(std::get<Enrolled>(completed).route, "iak");
}

TEST_F(EnrolmentOfATpm, OnFirstUseWarnsAndHasToBeAllowed) {
  EXPECT_EQ(FailuresOf(ByEk(nullptr)), Names{"ek.trust"});
  Serve(true);
  const Begun begun = Begin(ByEk(nullptr));
  ASSERT_TRUE(begun.opened);
  const Completed completed = WithSecret(begun, SecretOf(begun));
  EXPECT_EQ(std::get<Enrolled>(completed).route, "first-use");
  EXPECT_EQ(std::get<Enrolled>(completed).warnings,
            Names{"trusted on first use: nobody vouches for this TPM"});
}

TEST_F(EnrolmentOfATpm, RefusesTheCertificateOfAnUnknownMaker) {
  const Maker other = Maker::Make();
  EXPECT_EQ(FailuresOf(ByEk(other.Certify(ek_, EkSpec()))), Names{"ek.chain"});
}

TEST_F(EnrolmentOfATpm, RefusesTheCertificateOfAnotherKey) {
  EXPECT_EQ(FailuresOf(ByEk(maker_.Certify(ak_, EkSpec()))), Names{"ek.certificate"});
}

TEST_F(EnrolmentOfATpm, RefusesACertificateForAnotherPurposeAndACa) {
  EXPECT_EQ(FailuresOf(ByEk(maker_.Certify(ek_, DeviceSpec()))), Names{"ek.usage"});
  CertificateSpec ca = EkSpec();
  ca.is_ca = true;
  EXPECT_EQ(FailuresOf(ByEk(maker_.Certify(ek_, ca))), Names{"ek.usage"});
}

TEST_F(EnrolmentOfATpm, RefusesAnExpiredCertificate) {
  CertificateSpec old = EkSpec();
  old.not_after = kNow - std::chrono::seconds(1);
  EXPECT_EQ(FailuresOf(ByEk(maker_.Certify(ek_, old))), Names{"ek.dates"});
}

TEST_F(EnrolmentOfATpm, RefusesARevokedCertificate) {
  const CertificatePtr certificate = maker_.Certify(ek_, EkSpec());
  const Begun begun =
      service_->Begin(ByEk(certificate), maker_.CollateralWith({certificate}), kNow).value();
  EXPECT_EQ(Failed(begun.checks), Names{"ek.revoked"});
  EXPECT_FALSE(begun.opened);
}

TEST_F(EnrolmentOfATpm, RefusesWithoutRevocationListUnlessThatIsWaived) {
  Collateral without = maker_.CollateralWith();
  without.crls.clear();
  EXPECT_EQ(Failed(service_->Begin(ByEk(), without, kNow)->checks), Names{"ek_crl.present"});
  Serve(false, true);
  const Begun begun = service_->Begin(ByEk(), without, kNow).value();
  ASSERT_TRUE(begun.opened);
  EXPECT_EQ(begun.opened->warnings.size(), 1U);
}

// No TPM makes such a storage key, so the bits are turned in the public area.
TEST_F(EnrolmentOfATpm, RefusesAnEndorsementKeyThatIsNotRestrictedOrDoesNotDecryptOrSigns) {
  for (const std::byte bit : {std::byte{1}, std::byte{2}, std::byte{4}}) {
    EnrolRequest request = ByEk();
    request.ek[5] ^= bit;  // TPMA_OBJECT bits 16, 17, 18
    EXPECT_EQ(FailuresOf(request), Names{"ek.attributes"});
  }
}

TEST_F(EnrolmentOfATpm, RefusesAnEndorsementKeyWithAnotherCipher) {
  EnrolRequest request = ByEk();
  request.ek[15] ^=
      std::byte{1};  // the mode behind type, name algorithm, attributes, policy, AES, bits
  EXPECT_EQ(FailuresOf(request), Names{"ek.parameters"});
}

TEST_F(EnrolmentOfATpm, RefusesAnAttestationKeyThatIsNotRestricted) {
  EnrolRequest request = ByEk();
  request.ak[5] ^= std::byte{1};
  EXPECT_EQ(FailuresOf(request), Names{"ak.attributes"});
}

TEST_F(EnrolmentOfATpm, RefusesAnIakWithoutIdevid) {
  EXPECT_EQ(FailuresOf(ByAk(maker_.Certify(ak_, DeviceSpec()), nullptr)), Names{"idevid.present"});
}

TEST_F(EnrolmentOfATpm, RefusesTheIdevidOfAnotherDevice) {
  EXPECT_EQ(FailuresOf(ByAk(maker_.Certify(ak_, DeviceSpec()),
                            maker_.Certify(ek_, DeviceSpec("TPM-0002")))),
            Names{"idevid.device"});
}

TEST_F(EnrolmentOfATpm, RefusesAnIdevidOrIakOfAnUnknownMaker) {
  const Maker other = Maker::Make();
  EXPECT_EQ(FailuresOf(ByAk(maker_.Certify(ak_, DeviceSpec()), other.Certify(ek_, DeviceSpec()))),
            Names{"idevid.chain"});
  EXPECT_EQ(FailuresOf(ByAk(other.Certify(ak_, DeviceSpec()), maker_.Certify(ek_, DeviceSpec()))),
            Names{"iak.chain"});
}

TEST_F(EnrolmentOfATpm, RefusesTheIakCertificateOfAnotherKey) {
  EXPECT_EQ(FailuresOf(ByAk(maker_.Certify(ek_, DeviceSpec()), maker_.Certify(ek_, DeviceSpec()))),
            Names{"iak.certificate"});
}

TEST_F(EnrolmentOfATpm, NeedsOneRoute) {
  EnrolRequest none = ByEk();
  none.ek.clear();
  none.ek_certificates.clear();
  EXPECT_FALSE(service_->Begin(none, maker_.CollateralWith(), kNow));
  EnrolRequest both = ByEk();
  both.ak_certificates = ByIak().ak_certificates;
  EXPECT_FALSE(service_->Begin(both, maker_.CollateralWith(), kNow));
}

// The TPM itself refuses: the name in the credential is that of the key that was asked for.
TEST_F(EnrolmentOfATpm, OfAKeyThatIsNotInTheTpmGetsNoSecret) {
  const TpmObject other = tpm_.CreatePrimary(SigningTemplate(0x00050472));
  EnrolRequest request = ByEk();
  request.ak = other.public_area;
  const Begun begun = Begin(request);
  ASSERT_TRUE(begun.opened);
  EXPECT_FALSE(tpm_.Activate(ak_, ek_, std::get<tpm::Credential>(begun.opened->challenge)));
}

TEST_F(EnrolmentOfATpm, RefusesAWrongSecretAndThenTakesTheRightOne) {
  const Begun begun = Begin(ByEk());
  EXPECT_EQ(ReasonOf(WithSecret(begun, Bytes(32))), Reason::kWrongSecret);
  EXPECT_TRUE(std::holds_alternative<Enrolled>(WithSecret(begun, SecretOf(begun))));
}

TEST_F(EnrolmentOfATpm, IsUsedOnce) {
  const Begun begun = Begin(ByEk());
  const Bytes secret = SecretOf(begun);
  EXPECT_TRUE(std::holds_alternative<Enrolled>(WithSecret(begun, secret)));
  EXPECT_EQ(ReasonOf(WithSecret(begun, secret)), Reason::kUsedBefore);
}

TEST_F(EnrolmentOfATpm, Expires) {
  const Begun begun = Begin(ByEk());
  const Bytes secret = SecretOf(begun);
  const Time end = kNow + limits::kEnrolmentLife;
  EXPECT_EQ(ReasonOf(WithSecret(begun, secret, end + std::chrono::seconds(1))), Reason::kExpired);
  EXPECT_TRUE(std::holds_alternative<Enrolled>(WithSecret(begun, secret, end)));
}

TEST_F(EnrolmentOfATpm, RefusesAForgedEnrolmentAndThatOfAnotherService) {
  Begun begun = Begin(ByEk());
  const Bytes secret = SecretOf(begun);
  const std::string sealed = begun.opened->enrolment;
  for (const std::size_t place : {std::size_t{3}, sealed.size() - 3}) {
    begun.opened->enrolment = sealed;
    begun.opened->enrolment[place] = sealed[place] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ReasonOf(WithSecret(begun, secret)), Reason::kUnknown);
  }
  begun.opened->enrolment = sealed;
  Serve();  // another key
  EXPECT_EQ(ReasonOf(WithSecret(begun, secret)), Reason::kUnknown);
}

TEST_F(EnrolmentOfATpm, RefusesASecretWhereEvidenceIsAskedForAndTheReverse) {
  EXPECT_EQ(ReasonOf(WithSecret(Begin(ByIak()), Bytes(32))), Reason::kWrongProof);
  const Begun begun = Begin(ByEk());
  const Completed completed =
      service_->Complete(begun.opened->enrolment, monitor::EvidenceProof{}, kNow).value();
  EXPECT_EQ(ReasonOf(completed), Reason::kWrongProof);
}

TEST_F(EnrolmentOfATpm, RefusesEvidenceOfAnotherNonceOrKey) {
  const Begun begun = Begin(ByIak());
  const auto reasons = [&](const Bytes& evidence) {
    const Completed completed =
        service_->Complete(begun.opened->enrolment, monitor::EvidenceProof{evidence}, kNow).value();
    EXPECT_EQ(ReasonOf(completed), Reason::kEvidenceNotTrusted);
    return Failed(std::get<ActivationRefusal>(completed).checks);
  };
  EXPECT_EQ(reasons(Evidence(ak_, tpm_.Quote(ak_, Bytes(32)))), Names{"quote.nonce"});
  const TpmObject other = tpm_.CreatePrimary(SigningTemplate(0x00050472));
  const View nonce = std::get<Bytes>(begun.opened->challenge);
  EXPECT_EQ(reasons(Evidence(other, tpm_.Quote(other, nonce))), Names{"ak.enrolled"});
}

}  // namespace
}  // namespace assay::testing
