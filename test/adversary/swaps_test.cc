// Parts of one good sample in the place of the same parts of another: every pair, every kind.
//
// A stranger's part is refused unless it is none: the same bytes, or a statement by the same vendor
// key about the same subject that holds at that time. Which of the two it is, is worked out here
// from the parts themselves and not from the verdict.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

#include "adversary/good_samples.h"
#include "adversary/quote_parts.h"

namespace assay::adversary {
namespace {

class Swaps : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
  }

  void Count(std::string_view kind, const GoodSample& sample, const GoodSample& donor, bool trusted,
             bool speaks_for_it) {
    const Fate fate = trusted && speaks_for_it ? Fate::kWithoutEffect : FateOf(trusted);
    tally_.Add(kind, fate,
               [&] { return fmt::format("{} with that of {}", sample.name, donor.name); });
  }

  Tally tally_;
};

bool SameKey(const CertificatePtr& a, const CertificatePtr& b) {
  return a->key().SpkiDigest() == b->key().SpkiDigest();
}

// Intel's statement about another platform, TEE or time.
bool SameSubject(const dcap::TcbInfo& a, const dcap::TcbInfo& b, Time now) {
  return a.id == b.id && a.fmspc == b.fmspc && a.pce_id == b.pce_id && b.issue_date <= now &&
         now <= b.next_update;
}

bool SameSubject(const dcap::QeIdentity& a, const dcap::QeIdentity& b, Time now) {
  return a.id == b.id && b.issue_date <= now && now <= b.next_update;
}

Collateral WithDocument(const GoodSample& sample, const Sha256Digest& out, const GoodSample& donor,
                        const Sha256Digest& in) {
  Collateral changed = sample.collateral;
  for (auto& document : changed.documents) {
    if (document->digest != out) continue;
    for (const auto& other : donor.collateral.documents) {
      if (other->digest == in) document = other;
    }
  }
  // The donor's signer comes along: the swapped document is never refused for want of it.
  for (const auto& c : donor.collateral.certificates) changed.certificates.push_back(c);
  return changed;
}

TEST_F(Swaps, DocumentsOfEveryOtherSample) {
  const std::vector<GoodSample> all = GoodDcapSamples();
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    const dcap::Endorsements own = EndorsementsOf(sample, sample.collateral);
    for (const GoodSample& donor : all) {
      if (&donor == &sample) continue;
      const dcap::Endorsements other = EndorsementsOf(donor, donor.collateral);
      const auto trusts = [&](const Sha256Digest& out, const Sha256Digest& in) {
        return Trusts(appraiser, sample, sample.evidence, WithDocument(sample, out, donor, in));
      };
      Count("TCB info", sample, donor, trusts(own.tcb_info->digest, other.tcb_info->digest),
            SameSubject(*own.tcb_info->tcb_info, *other.tcb_info->tcb_info, sample.at));
      Count("QE identity", sample, donor,
            trusts(own.qe_identity->digest, other.qe_identity->digest),
            SameSubject(*own.qe_identity->qe_identity, *other.qe_identity->qe_identity, sample.at));
    }
  }
  tally_.Report("swapped documents");
}

Collateral WithCrl(const GoodSample& sample, const CrlPtr& out, const CrlPtr& in) {
  Collateral changed = sample.collateral;
  std::replace(changed.crls.begin(), changed.crls.end(), out, in);
  return changed;
}

// Nothing is waived here: a list of another issuer is no list, and its absence is refused.
TEST_F(Swaps, RevocationListsOfEveryOtherSample) {
  const std::vector<GoodSample> all = GoodDcapSamples();
  for (GoodSample sample : all) {
    if (sample.waived) continue;
    Appraiser appraiser(sample.roots);
    const dcap::Endorsements own = EndorsementsOf(sample, sample.collateral);
    for (const GoodSample& donor : all) {
      if (donor.name == sample.name) continue;
      const dcap::Endorsements other = EndorsementsOf(donor, donor.collateral);
      const auto try_crl = [&](std::string_view kind, const CrlPtr& mine, const CrlPtr& theirs,
                               const CertificatePtr& issuer) {
        if (!theirs) return;
        const bool trusted =
            Trusts(appraiser, sample, sample.evidence, WithCrl(sample, mine, theirs));
        Count(kind, sample, donor, trusted,
              theirs->IssuedBy(*issuer) && theirs->ValidAt(sample.at));
      };
      try_crl("root CRL", own.root_crl, other.root_crl, own.chain->root);
      try_crl("PCK CRL", own.pck_crl, other.pck_crl, own.chain->intermediate);
      try_crl("root CRL for PCK CRL", own.pck_crl, other.root_crl, own.chain->intermediate);
      try_crl("PCK CRL for root CRL", own.root_crl, other.pck_crl, own.chain->root);
    }
  }
  tally_.Report("swapped revocation lists");
}

TEST_F(Swaps, TcbSigningCertificatesOfEveryOtherSample) {
  const std::vector<GoodSample> all = GoodDcapSamples();
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    for (const GoodSample& donor : all) {
      if (donor.name == sample.name) continue;
      Collateral changed = sample.collateral;
      changed.certificates = donor.collateral.certificates;
      const CertificatePtr& mine = sample.collateral.certificates.front();
      const CertificatePtr& theirs = donor.collateral.certificates.front();
      Count("TCB signing certificate", sample, donor,
            Trusts(appraiser, sample, sample.evidence, changed),
            SameKey(mine, theirs) && theirs->ValidAt(sample.at));
    }
  }
  tally_.Report("swapped signers");
}

// Two quotes of one machine may hold two signatures over the same QE report, and two certificates
// of the same PCK key.
bool SameMeaning(std::string_view kind, const dcap::Quote& a, const dcap::Quote& b) {
  if (kind == "certificate chain") {
    const auto x = Certificate::FromDer(ChainOf(a).front());
    const auto y = Certificate::FromDer(ChainOf(b).front());
    return SameKey(*x, *y);
  }
  return kind == "QE report signature" && Equal(a.qe_report, b.qe_report);
}

// Each signed or signing part of a quote in the place of another's.
TEST_F(Swaps, PartsOfEveryOtherQuote) {
  using Part = std::pair<std::string_view, View dcap::Quote::*>;
  const std::array<Part, 6> parts = {{{"body", &dcap::Quote::body},
                                      {"signature", &dcap::Quote::signature},
                                      {"attestation key", &dcap::Quote::attestation_key},
                                      {"QE report", &dcap::Quote::qe_report},
                                      {"QE report signature", &dcap::Quote::qe_report_signature},
                                      {"QE authentication data", &dcap::Quote::qe_auth_data}}};
  const std::vector<GoodSample> all = GoodDcapSamples();
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    const dcap::Quote quote = dcap::ParseQuote(sample.evidence).value();
    for (const GoodSample& donor : all) {
      if (donor.name == sample.name) continue;
      const dcap::Quote other = dcap::ParseQuote(donor.evidence).value();
      for (const auto& [kind, part] : parts) {
        if ((quote.*part).size() != (other.*part).size()) continue;
        const Bytes changed = WithPart(quote, quote.*part, other.*part);
        Count(kind, sample, donor, Trusts(appraiser, sample, changed, sample.collateral),
              Equal(quote.*part, other.*part) || SameMeaning(kind, quote, other));
      }
      const auto chain = ChainOf(other);
      Count("certificate chain", sample, donor,
            Trusts(appraiser, sample, WithChain(quote, chain), sample.collateral),
            SameMeaning("certificate chain", quote, other));
    }
  }
  tally_.Report("swapped parts of quotes");
}

constexpr std::array<std::string_view, 5> kSnpKinds = {"SEV-VCEK", "SEV-VLEK-", "SEV-VLEK", "ARK-",
                                                       "SEV-"};

// VCEK, VLEK, ARK or, being what is left, ASK or ASVK.
std::string_view RoleOf(const Certificate& c) {
  for (const std::string_view kind : kSnpKinds) {
    if (c.subject_cn().starts_with(kind)) return kind;
  }
  return "";
}

// AMD certifies one key many times; a certificate of the same key for the same subject is no
// stranger's.
TEST_F(Swaps, CertificatesOfEveryOtherSnpSample) {
  const std::vector<GoodSample> all = GoodSnpSamples();
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    for (const GoodSample& donor : all) {
      if (donor.name == sample.name) continue;
      for (std::size_t i = 0; i < sample.collateral.certificates.size(); ++i) {
        const CertificatePtr& mine = sample.collateral.certificates[i];
        for (const CertificatePtr& theirs : donor.collateral.certificates) {
          Collateral changed = sample.collateral;
          changed.certificates[i] = theirs;
          Count(fmt::format("{} for {}", RoleOf(*theirs), RoleOf(*mine)), sample, donor,
                Trusts(appraiser, sample, sample.evidence, changed),
                SameKey(mine, theirs) && theirs->ValidAt(sample.at));
        }
      }
    }
  }
  tally_.Report("swapped SNP certificates");
}

// The report of one machine with all the certificates of another, and with the other's signature.
TEST_F(Swaps, ReportsAndSignaturesOfEveryOtherSnpSample) {
  const std::vector<GoodSample> all = GoodSnpSamples();
  for (const GoodSample& sample : all) {
    Appraiser appraiser(sample.roots);
    for (const GoodSample& donor : all) {
      if (donor.name == sample.name) continue;
      // No two of the samples are of one chip at one TCB.
      Count("all certificates", sample, donor,
            Trusts(appraiser, sample, sample.evidence, donor.collateral), false);
      Bytes changed = sample.evidence;
      std::copy(donor.evidence.begin() + 0x2A0, donor.evidence.end(), changed.begin() + 0x2A0);
      Count("signature", sample, donor, Trusts(appraiser, sample, changed, sample.collateral),
            false);
    }
  }
  tally_.Report("swapped SNP reports");
}

}  // namespace
}  // namespace assay::adversary
