// What every registered scheme must do, shown on simulated evidence of every shape.
#include <fmt/format.h>

#include <random>

#include "base/encoding.h"
#include "contract/support.h"
#include "crypto/certificate.h"
#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"

namespace assay::contract {
namespace {

// A prime: every position within a byte and every field is met. All bits of real evidence are
// flipped in test/adversary.
#ifdef ASSAY_SAMPLED
constexpr std::size_t kFlipStride = 499;
constexpr int kRounds = 40;
#else
constexpr std::size_t kFlipStride = 61;
constexpr int kRounds = 200;
#endif

class Contract : public testing::TestWithParam<NamedShape> {
 protected:
  void SetUp() override {
    good_ = simulate::Simulate(GetParam().kind, "", GetParam().shape).value();
    appraiser_ = std::make_unique<Appraiser>(good_.roots);
    ASSERT_FALSE(Refuses(*appraiser_, good_, good_.evidence));
  }
  bool wrapped_in_certificate() const {
    return GetParam().shape.wrapper == simulate::Wrapper::kRaTls;
  }
  bool RefusesWith(const Collateral& collateral) {
    simulate::Simulation changed = good_;
    changed.collateral = collateral;
    return Refuses(*appraiser_, changed, changed.evidence);
  }

  simulate::Simulation good_;
  std::unique_ptr<Appraiser> appraiser_;
};

TEST_P(Contract, GoodEvidenceIsRecognisedByItsSchemeAloneAndMakesClaims) {
  Names recognising;
  for (const Scheme* scheme : AllSchemes()) {
    if (scheme->recognises(good_.evidence)) recognising.emplace_back(scheme->name);
  }
  EXPECT_EQ(recognising, Names{GetParam().kind});
  const Verdict verdict = Judge(good_).value();
  EXPECT_EQ(FailedIn(verdict), Names{});
  for (const Check& check : verdict.checks) EXPECT_EQ(check.outcome, Outcome::kPass) << check.name;
  ASSERT_TRUE(verdict.verified.has_value());
  EXPECT_FALSE(verdict.verified->claims().empty());
  EXPECT_FALSE(verdict.meaning.proves.empty());
}

// PEM in a quote has bits without meaning (white space): the same certificates are the same quote.
bool HoldsTheSameCertificates(View a, View b) {
  const auto good = PemBlocks(AsText(a), "CERTIFICATE");
  const auto changed = PemBlocks(AsText(b), "CERTIFICATE");
  return good && changed && !good->empty() && *good == *changed;
}

bool IsText(std::string_view kind) { return kind == "tpm" || kind == "azure" || kind == "vbs"; }

// A boot log holds data that nobody measured, a device path for example: such a bit may change, but
// no claim with it, unless the claims say that something is not explained.
bool ClaimsTheSame(Appraiser& appraiser, const simulate::Simulation& good, View changed) {
  const auto claims = [&](View evidence) {
    const auto verdict =
        appraiser.Appraise(evidence, "", good.collateral, good.expectations, good.at);
    return verdict && verdict->verified ? json::Write(json::Value(verdict->verified->claims()))
                                        : std::string();
  };
  const std::string found = claims(changed);
  return found == claims(good.evidence) ||
         found.find("\"boot_texts_unexplained\":1") != std::string::npos;
}

TEST_P(Contract, NoBitOfTheEvidenceCanBeFlipped) {
  // Of an RA-TLS certificate only its key and its evidence are attested: neither its dates nor its
  // own signature are Intel's. The same evidence without certificate is among the shapes.
  if (wrapped_in_certificate()) return;
  const std::string_view text = AsText(good_.evidence);
  const std::size_t pem = std::min(text.find("-----BEGIN"), text.size());
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < good_.evidence.size() * 8; bit += kFlipStride) {
    Bytes changed = good_.evidence;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    if (bit / 8 >= pem && HoldsTheSameCertificates(good_.evidence, changed)) continue;
    // Half of them with the scheme named, so that recognition does not do the refusing.
    const std::string_view kind = bit % 2 == 0 ? std::string_view() : GetParam().kind;
    if (IsText(GetParam().kind) && ClaimsTheSame(*appraiser_, good_, changed)) continue;
    ASSERT_TRUE(Refuses(*appraiser_, good_, changed, kind)) << "bit " << bit;
    ++refused;
  }
  fmt::print("{}: {} bit flips refused\n", GetParam().name, refused);
  EXPECT_GT(refused, 9472 / kFlipStride - 1) << "a report has 9472 bits, a quote more";
}

TEST_P(Contract, NoTruncationAndNothingBehindTheEvidenceIsTrusted) {
  for (std::size_t size = 0; size < good_.evidence.size(); ++size) {
    ASSERT_TRUE(Refuses(*appraiser_, good_, View(good_.evidence).first(size))) << size;
    ASSERT_TRUE(Refuses(*appraiser_, good_, View(good_.evidence).first(size), GetParam().kind));
  }
  for (const std::size_t size : {1U, 4U, 16U, 1000U, 100000U}) {
    Bytes longer = good_.evidence;
    Append(longer, Bytes(size, std::byte{0xA5}));
    EXPECT_TRUE(Refuses(*appraiser_, good_, longer)) << size;
  }
}

TEST_P(Contract, OtherReportDataThanTheCallerDemandsIsRefused) {
  const Bytes right = good_.expectations.report_data.value();
  const auto refuses = [&](const Bytes& demanded) {
    simulate::Simulation changed = good_;
    changed.expectations.report_data = demanded;
    return Refuses(*appraiser_, changed, changed.evidence);
  };
  EXPECT_FALSE(refuses(right));
  Bytes padded = right;
  padded.resize(64);
  // REPORT_DATA has 64 bytes; a TPM repeats the challenge as it is.
  EXPECT_EQ(refuses(padded), IsText(GetParam().kind));
  for (std::size_t bit = 0; bit < right.size() * 8; bit += 7) {
    Bytes wrong = right;
    wrong[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_TRUE(refuses(wrong)) << bit;
  }
  // What follows the demanded bytes must be zero, so less than all of them is not enough.
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, right.size() - 1}) {
    EXPECT_TRUE(refuses(Bytes(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  padded.push_back(std::byte{0});
  EXPECT_TRUE(refuses(padded)) << "longer than REPORT_DATA";
}

TEST_P(Contract, OtherTimesAreRefused) {
  for (const char* time : {"1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    simulate::Simulation changed = good_;
    changed.at = ParseTime(time).value();
    EXPECT_TRUE(Refuses(*appraiser_, changed, changed.evidence)) << time;
  }
}

TEST_P(Contract, UnknownRootsAreRefused) {
  for (const TrustedRoots& roots : {TrustedRoots{}, DefaultRoots()}) {
    Appraiser other(roots);
    EXPECT_TRUE(Refuses(other, good_, good_.evidence));
  }
}

TEST_P(Contract, NoPieceOfCollateralCanBeMissing) {
  EXPECT_TRUE(RefusesWith({}));
  const Collateral& all = good_.collateral;
  for (std::size_t i = 0; i < all.certificates.size(); ++i) {
    Collateral less = all;
    less.certificates.erase(less.certificates.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(RefusesWith(less)) << all.certificates[i]->subject_cn();
  }
  for (std::size_t i = 0; i < all.crls.size(); ++i) {
    Collateral less = all;
    less.crls.erase(less.crls.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(RefusesWith(less)) << all.crls[i]->issuer_cn();
  }
  for (std::size_t i = 0; i < all.documents.size(); ++i) {
    Collateral less = all;
    less.documents.erase(less.documents.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(RefusesWith(less)) << all.documents[i]->text.substr(0, 20);
  }
}

TEST_P(Contract, AMissingRevocationListIsWaivedOnlyInWords) {
  simulate::Simulation less = good_;
  less.collateral.crls.clear();
  EXPECT_TRUE(Refuses(*appraiser_, less, less.evidence));
  less.expectations.allow_missing_crl = true;
  const Verdict verdict = Judge(less).value();
  EXPECT_EQ(FailedIn(verdict), Names{});
  std::size_t waived = 0;
  for (const Check& check : verdict.checks) waived += check.outcome == Outcome::kWaived ? 1 : 0;
  EXPECT_GT(waived, 0U);
}

// What parses can be described, checked and explained, whatever it says.
TEST_P(Contract, NothingThatParsesBreaksWhatComesAfter) {
  const Scheme& scheme = *SchemeNamed(GetParam().kind);
  std::mt19937 random(20250620);
  std::size_t parsed_count = 0;
  VerifyCache cache;
  for (int round = 0; round < kRounds; ++round) {
    Bytes changed = good_.evidence;
    for (unsigned n = 1 + random() % 8; n > 0; --n) {
      // Most of a text is base64url: another character of it comes further than any byte.
      constexpr std::string_view kAlphabet = "ABCDEFabcdef0123456789-_";
      changed[random() % changed.size()] =
          IsText(GetParam().kind) ? static_cast<std::byte>(kAlphabet[random() % kAlphabet.size()])
                                  : static_cast<std::byte>(random());
    }
    if (random() % 4 == 0) changed.resize(random() % changed.size());
    const auto parsed = scheme.parse(changed);
    if (!parsed) continue;
    ++parsed_count;
    const VerifyInput input{good_.collateral, good_.roots, good_.expectations, good_.at, cache};
    Trace trace;
    scheme.check(**parsed, input, trace);
    (void)json::Write(scheme.describe(**parsed));
    (void)scheme.claims(**parsed, input);
    (void)scheme.meaning(**parsed, trace);
  }
  EXPECT_GT(parsed_count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, Contract, testing::ValuesIn(AllShapes()),
                         [](const auto& instance) { return instance.param.name; });

TEST(ContractCoverage, EveryRegisteredSchemeHasSimulatedShapes) {
  const auto shapes = AllShapes();
  for (const Scheme* scheme : AllSchemes()) {
    EXPECT_TRUE(std::any_of(shapes.begin(), shapes.end(),
                            [&](const NamedShape& s) { return s.kind == scheme->name; }))
        << "no simulation of " << scheme->name << ": add one to test/contract/support.cc";
  }
}

}  // namespace
}  // namespace assay::contract
