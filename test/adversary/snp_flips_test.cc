// Every bit of every good SEV-SNP sample: of the report, of each certificate and of the certificate
// table of an extended report.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "adversary/endorsement_judge.h"
#include "tee/snp/certificate_table.h"
#include "tee/snp/report.h"

namespace assay::adversary {
namespace {

class SnpFlips : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
    all_ = GoodSnpSamples();
    for (const GoodSample& sample : all_) {
      Appraiser fresh(sample.roots);
      ASSERT_TRUE(Trusts(fresh, sample, sample.evidence, sample.collateral)) << sample.name;
    }
  }

  std::vector<GoodSample> all_;
  std::set<Sha256Digest> seen_;
  Tally tally_;
};

TEST_F(SnpFlips, TheGoodSamplesAreAllHere) {
  for (const GoodSample& sample : all_) {
    fmt::print("good: {} (AMD's revocation list waived)\n", sample.name);
  }
  EXPECT_GE(all_.size(), 12U);
}

constexpr std::size_t kSignatureBytes = 144;  // R and S of 72 bytes

std::string_view PartAt(std::size_t bit) {
  const std::size_t byte = bit / 8;
  if (byte < snp::kSignedBytes) return "report body";
  return byte < snp::kSignedBytes + kSignatureBytes ? "report signature"
                                                    : "reserved behind the signature";
}

TEST_F(SnpFlips, EveryBitOfTheReport) {
  for (const GoodSample& sample : all_) {
    Appraiser appraiser(sample.roots);
    EndorsementJudge judge(sample);
    ASSERT_EQ(sample.evidence.size(), snp::kReportBytes);
    InParallel((sample.evidence.size() * 8 + kStride - 1) / kStride, [&](std::size_t i) {
      const std::size_t bit = i * kStride;
      Bytes changed = sample.evidence;
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
      // What no signature covers must be refused without one.
      const bool is_signed = bit / 8 < snp::kSignedBytes + kSignatureBytes;
      const Fate fate = is_signed ? FateOf(Trusts(appraiser, sample, changed, sample.collateral))
                                  : judge(changed, sample.collateral, i);
      tally_.Add(PartAt(bit), fate, [&] { return fmt::format("{}, bit {}", sample.name, bit); });
    });
  }
  tally_.Report("SNP reports");
}

std::string_view CertificateKind(const Certificate& certificate) {
  const std::string& name = certificate.subject_cn();
  if (name == "SEV-VCEK" || name == "SEV-VLEK") return name == "SEV-VCEK" ? "VCEK" : "VLEK";
  return name.starts_with("ARK") ? "ARK" : name.starts_with("SEV-VLEK") ? "ASVK" : "ASK";
}

TEST_F(SnpFlips, EveryBitOfEveryCertificate) {
  for (const GoodSample& sample : all_) {
    EndorsementJudge judge(sample);
    for (std::size_t i = 0; i < sample.collateral.certificates.size(); ++i) {
      const CertificatePtr& certificate = sample.collateral.certificates[i];
      if (!seen_.insert(certificate->digest()).second) continue;
      FlipBits(certificate->der(), CertificateKind(*certificate), sample.name, tally_,
               [&](const Bytes& flipped, std::size_t bit) {
                 Collateral changed = sample.collateral;
                 const auto parsed = Certificate::FromDer(flipped);
                 if (!parsed) return Fate::kRefused;  // no loader passes it on
                 changed.certificates[i] = *parsed;
                 return judge(changed, bit / kStride);
               });
    }
  }
  tally_.Report("SNP certificates");
}

std::set<Sha256Digest> Digests(const std::vector<CertificatePtr>& certificates) {
  std::set<Sha256Digest> out;
  for (const CertificatePtr& c : certificates) out.insert(c->digest());
  return out;
}

// A change after which the table still holds the same certificates, byte for byte, changes nothing
// that anyone signed: white space in its PEM, or which of its entries a certificate stands under.
TEST_F(SnpFlips, EveryBitAndLengthOfTheCertificateTable) {
  for (const GoodSample& sample : all_) {
    if (!std::filesystem::exists(sample.folder / "auxblob.bin")) continue;
    const Bytes table = samples::Read(sample.folder / "auxblob.bin");
    const auto good = Digests(snp::ParseCertificateTable(table).value());
    EndorsementJudge judge(sample);
    const auto judged = [&](const Bytes& changed, std::size_t number) {
      const auto parsed = snp::ParseCertificateTable(changed);
      if (!parsed) return Fate::kRefused;
      if (Digests(*parsed) == good) return Fate::kWithoutEffect;
      Collateral collateral;
      collateral.certificates = *parsed;
      return judge(collateral, number / kStride);
    };
    FlipBits(table, "certificate table", sample.name, tally_, judged);
    Truncate(table, "certificate table cut short", sample.name, tally_, judged);
  }
  tally_.Report("SNP certificate tables");
}

}  // namespace
}  // namespace assay::adversary
