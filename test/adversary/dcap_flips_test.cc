// Every bit of every good SGX, TDX and Open Enclave sample: of the quote, of each certificate, of
// Intel's documents and of the revocation lists.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "adversary/endorsement_judge.h"
#include "adversary/quote_parts.h"
#include "base/encoding.h"

namespace assay::adversary {
namespace {

class DcapFlips : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
    all_ = GoodDcapSamples();
    for (const GoodSample& sample : all_) {
      Appraiser fresh(sample.roots);
      ASSERT_TRUE(Trusts(fresh, sample, sample.evidence, sample.collateral)) << sample.name;
    }
  }

  // True the first time: a document that several samples share needs to be attacked once.
  bool IsNew(const Sha256Digest& digest) { return seen_.insert(digest).second; }

  std::vector<GoodSample> all_;
  std::set<Sha256Digest> seen_;
  Tally tally_;
};

TEST_F(DcapFlips, TheGoodSamplesAreAllHere) {
  for (const GoodSample& sample : all_) {
    fmt::print("good: {}{}\n", sample.name,
               sample.waived ? " (a missing revocation list waived)" : "");
  }
  EXPECT_GE(all_.size(), 16U);
}

// The text of the certificate chain is left to the two tests below.
TEST_F(DcapFlips, EveryBitOfTheQuote) {
  for (const GoodSample& sample : all_) {
    Appraiser appraiser(sample.roots);
    const dcap::Quote quote = dcap::ParseQuote(sample.evidence).value();
    for (std::size_t from = 0, to = 0; from < sample.evidence.size(); from = to) {
      const std::string_view part = PartAt(quote, sample.evidence, from);
      while (to < sample.evidence.size() && PartAt(quote, sample.evidence, to) == part) ++to;
      if (part == "certificate chain in the quote, as text") continue;
      const View bytes = View(sample.evidence).subspan(from, to - from);
      FlipBits(ToBytes(bytes), part, sample.name, tally_, [&](const Bytes& flipped, std::size_t) {
        Bytes changed = sample.evidence;
        std::copy(flipped.begin(), flipped.end(),
                  changed.begin() + static_cast<std::ptrdiff_t>(from));
        return FateOf(Trusts(appraiser, sample, changed, sample.collateral));
      });
    }
  }
  tally_.Report("DCAP quotes");
}

TEST_F(DcapFlips, EveryBitOfEveryCertificateInTheQuote) {
  constexpr std::array<std::string_view, 3> kKinds = {"PCK certificate", "PCK CA certificate",
                                                      "root certificate"};
  for (const GoodSample& sample : all_) {
    EndorsementJudge judge(sample);
    const dcap::Quote quote = dcap::ParseQuote(sample.evidence).value();
    std::vector<Bytes> chain = ChainOf(quote);
    // Intel's own sample has the root first.
    if (Certificate::FromDer(chain.front()).value()->is_ca())
      std::reverse(chain.begin(), chain.end());
    ASSERT_EQ(chain.size(), kKinds.size()) << sample.name;
    // Put together anew, the quote is still good: what is refused below is refused for the bit.
    ASSERT_EQ(judge(WithChain(quote, chain), sample.collateral, 0), Fate::kTrusted) << sample.name;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (!IsNew(Sha256(chain[i]))) continue;
      FlipBits(chain[i], kKinds[i], sample.name, tally_,
               [&](const Bytes& flipped, std::size_t bit) {
                 std::vector<Bytes> changed = chain;
                 changed[i] = flipped;
                 return judge(WithChain(quote, changed), sample.collateral, bit / kStride);
               });
    }
  }
  tally_.Report("DCAP certificates");
}

// PEM has bits that mean nothing (which white space ends a line): a change after which the text
// still holds the same three certificates, byte for byte, changes nothing that anyone signed.
TEST_F(DcapFlips, EveryBitOfTheTextAroundTheCertificates) {
  for (const GoodSample& sample : all_) {
    if (sample.name != "sgx/automata-00606A000000-2025" &&
        sample.name != "tdx/v5-google-sample-90C06F") {
      continue;  // the certificates themselves are done for all samples above
    }
    EndorsementJudge judge(sample);
    const dcap::Quote quote = dcap::ParseQuote(sample.evidence).value();
    const Bytes text = ToBytes(quote.certification_data);
    const auto chain = PemBlocks(AsText(text), "CERTIFICATE").value();
    FlipBits(text, "certificate chain as text", sample.name, tally_,
             [&](const Bytes& flipped, std::size_t bit) {
               const auto blocks = PemBlocks(AsText(flipped), "CERTIFICATE");
               if (blocks && *blocks == chain) return Fate::kWithoutEffect;
               const Bytes changed = WithPart(quote, quote.certification_data, flipped);
               return judge(changed, sample.collateral, bit / kStride);
             });
  }
  tally_.Report("DCAP chain text");
}

// Open Enclave's header around a real quote: no signature covers it, each of its fields is checked.
TEST_F(DcapFlips, EveryBitOfAnOpenEnclaveHeader) {
  for (const GoodSample& sample : all_) {
    if (!sample.name.starts_with("sgx/") && !sample.name.starts_with("oe/")) continue;
    Appraiser appraiser(sample.roots);
    Bytes header = {std::byte{1}, {}, {}, {}, std::byte{2}, {}, {}, {}};
    for (std::size_t i = 0; i < 8; ++i) {
      header.push_back(static_cast<std::byte>(sample.evidence.size() >> (8 * i)));
    }
    const auto wrapped = [&](const Bytes& around) {
      Bytes out = around;
      Append(out, sample.evidence);
      return out;
    };
    ASSERT_TRUE(Trusts(appraiser, sample, wrapped(header), sample.collateral)) << sample.name;
    FlipBits(header, "Open Enclave header", sample.name, tally_,
             [&](const Bytes& flipped, std::size_t) {
               return FateOf(Trusts(appraiser, sample, wrapped(flipped), sample.collateral));
             });
  }
  tally_.Report("Open Enclave reports");
}

// The sample's collateral with one of its documents given another text.
Collateral WithDocument(const Collateral& collateral, std::size_t index, const Bytes& text) {
  Collateral out = collateral;
  out.documents[index] =
      std::make_shared<const JsonDocument>(JsonDocument{std::string(AsText(text)), Sha256(text)});
  return out;
}

// Outside of the signed object a change is without effect when the document still holds that object
// and a signature of the same value: a hexadecimal digit of the other case.
bool SaysTheSame(const std::string& good, std::string_view changed, std::string_view key) {
  const auto body = json::RawMember(changed, key);
  const auto root = json::Parse(changed);
  if (!body || !root || *body != json::RawMember(good, key).value()) return false;
  const auto signature = root->String("signature", "");
  if (!signature) return false;
  const auto value = HexDecode(*signature);
  return value && *value == HexDecode(*json::Parse(good)->String("signature", "")).value();
}

TEST_F(DcapFlips, EveryBitOfEveryDocument) {
  for (const GoodSample& sample : all_) {
    EndorsementJudge judge(sample);
    for (std::size_t i = 0; i < sample.collateral.documents.size(); ++i) {
      const JsonDocument& document = *sample.collateral.documents[i];
      if (!IsNew(document.digest)) continue;
      const bool info = json::Parse(document.text)->Find("tcbInfo") != nullptr;
      const std::string_view key = info ? "tcbInfo" : "enclaveIdentity";
      const std::string body = json::RawMember(document.text, key).value();
      const std::size_t from = document.text.find(body) * 8;
      const std::size_t to = from + body.size() * 8;
      const Bytes text = ToBytes(AsBytes(document.text));
      FlipBits(text, info ? "TCB info" : "QE identity", sample.name, tally_,
               [&](const Bytes& flipped, std::size_t bit) {
                 const bool is_signed = bit >= from && bit < to;
                 if (!is_signed && SaysTheSame(document.text, AsText(flipped), key)) {
                   return Fate::kWithoutEffect;
                 }
                 return judge(WithDocument(sample.collateral, i, flipped), bit / kStride);
               });
    }
  }
  tally_.Report("Intel documents");
}

TEST_F(DcapFlips, EveryBitOfEveryRevocationList) {
  for (const GoodSample& sample : all_) {
    EndorsementJudge judge(sample);
    for (std::size_t i = 0; i < sample.collateral.crls.size(); ++i) {
      const CrlPtr& crl = sample.collateral.crls[i];
      if (!IsNew(crl->digest())) continue;
      const bool root = crl->issuer_cn().find("Root") != std::string::npos;
      FlipBits(sample.crl_der.at(crl->digest()), root ? "root CRL" : "PCK CRL", sample.name, tally_,
               [&](const Bytes& flipped, std::size_t bit) {
                 Collateral changed = sample.collateral;
                 const auto parsed = Crl::FromDer(flipped);
                 if (!parsed) return Fate::kRefused;  // no loader passes it on
                 changed.crls[i] = *parsed;
                 return judge(changed, bit / kStride);
               });
    }
  }
  tally_.Report("Intel revocation lists");
}

TEST_F(DcapFlips, EveryBitOfEveryTcbSigningCertificate) {
  for (const GoodSample& sample : all_) {
    EndorsementJudge judge(sample);
    for (std::size_t i = 0; i < sample.collateral.certificates.size(); ++i) {
      const CertificatePtr& signer = sample.collateral.certificates[i];
      if (!IsNew(signer->digest())) continue;
      FlipBits(signer->der(), "TCB signing certificate", sample.name, tally_,
               [&](const Bytes& flipped, std::size_t bit) {
                 Collateral changed = sample.collateral;
                 const auto parsed = Certificate::FromDer(flipped);
                 if (!parsed) return Fate::kRefused;  // no loader passes it on
                 changed.certificates[i] = *parsed;
                 return judge(changed, bit / kStride);
               });
    }
  }
  tally_.Report("TCB signing certificates");
}

}  // namespace
}  // namespace assay::adversary
