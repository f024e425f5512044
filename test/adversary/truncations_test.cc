// Every length of every good sample and of every file of its collateral.
#include <gtest/gtest.h>

#include <set>

#include "adversary/endorsement_judge.h"
#include "tee/dcap/quote.h"

namespace assay::adversary {
namespace {

namespace fs = std::filesystem;

TEST(Truncations, EveryLengthOfTheEvidence) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  Tally tally;
  std::vector<GoodSample> all = GoodDcapSamples();
  for (GoodSample& sample : GoodSnpSamples()) all.push_back(std::move(sample));
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    const auto quote = dcap::ParseQuote(sample.evidence);
    // Zeros behind a quote are the rest of the buffer it came in: fewer of them change nothing.
    const std::size_t end = quote ? quote->whole.size() : sample.evidence.size();
    Truncate(sample.evidence, quote ? "quote" : "SNP report", sample.name, tally,
             [&](const Bytes& cut, std::size_t size) {
               const bool trusted = Trusts(appraiser, sample, cut, sample.collateral);
               if (size >= end && trusted) return Fate::kWithoutEffect;
               return FateOf(trusted);
             });
  }
  tally.Report("truncated evidence");
}

std::set<Sha256Digest> Digests(const Collateral& collateral) {
  std::set<Sha256Digest> out;
  for (const auto& c : collateral.certificates) out.insert(c->digest());
  for (const auto& c : collateral.crls) out.insert(c->digest());
  for (const auto& d : collateral.documents) out.insert(d->digest);
  return out;
}

template <typename List, typename DigestOf>
void RemoveAll(List& list, const std::set<Sha256Digest>& digests, DigestOf digest_of) {
  std::erase_if(list, [&](const auto& item) { return digests.contains(digest_of(*item)); });
}

// The collateral without what is also in `file`: a second copy would hide what is done to the
// first.
Collateral Without(const Collateral& collateral, const std::set<Sha256Digest>& file) {
  Collateral out = collateral;
  RemoveAll(out.certificates, file, [](const Certificate& c) { return c.digest(); });
  RemoveAll(out.crls, file, [](const Crl& c) { return c.digest(); });
  RemoveAll(out.documents, file, [](const JsonDocument& d) { return d.digest; });
  return out;
}

std::string KindOf(const fs::path& file) {
  const std::string name = file.filename().string();
  for (const char* kind : {"tcb_info", "qe_identity.json", "pck_crl.der", "root_ca_crl", "chain"}) {
    if (name.find(kind) != std::string::npos) return kind;
  }
  return name;
}

// A cut file is without effect when it still yields, byte for byte, all that the verdict rests on:
// the white space or the root certificate behind a signer. Files that yield nothing of it are
// passed over.
TEST(Truncations, EveryLengthOfEveryFileOfCollateral) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  Tally tally;
  std::set<Sha256Digest> seen;
  for (const GoodSample& sample : GoodDcapSamples()) {
    EndorsementJudge judge(sample);
    const auto used = Digests(sample.collateral);
    for (const auto& entry : fs::directory_iterator(sample.folder / "collateral")) {
      const Bytes content = samples::Read(entry.path());
      if (!seen.insert(Sha256(content)).second) continue;
      Collateral whole;
      if (!AddCollateral(content, whole)) continue;
      const Collateral rest = Without(sample.collateral, Digests(whole));
      if (Digests(rest) == used) continue;
      Truncate(content, KindOf(entry.path()), sample.name, tally,
               [&](const Bytes& cut, std::size_t size) {
                 Collateral changed = rest;
                 (void)AddCollateral(cut, changed);
                 const auto left = Digests(changed);
                 if (std::includes(left.begin(), left.end(), used.begin(), used.end())) {
                   return Fate::kWithoutEffect;
                 }
                 return judge(changed, size / kStride);
               });
    }
  }
  tally.Report("truncated collateral");
}

TEST(Truncations, EveryLengthOfEverySnpCertificate) {
  if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  Tally tally;
  std::set<Sha256Digest> seen;
  for (const GoodSample& sample : GoodSnpSamples()) {
    EndorsementJudge judge(sample);
    for (std::size_t i = 0; i < sample.collateral.certificates.size(); ++i) {
      const CertificatePtr& certificate = sample.collateral.certificates[i];
      if (!seen.insert(certificate->digest()).second) continue;
      Truncate(certificate->der(), certificate->subject_cn(), sample.name, tally,
               [&](const Bytes& cut, std::size_t size) {
                 Collateral changed = sample.collateral;
                 changed.certificates.erase(changed.certificates.begin() +
                                            static_cast<std::ptrdiff_t>(i));
                 (void)AddCollateral(cut, changed);
                 return judge(changed, size / kStride);
               });
    }
  }
  tally.Report("truncated SNP certificates");
}

}  // namespace
}  // namespace assay::adversary
