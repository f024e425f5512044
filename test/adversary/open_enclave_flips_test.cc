// Real Open Enclave reports, their custom claims and Azure Attestation's RA-TLS certificates. All
// are of a platform that was out of date at the time of their collateral, so that they are refused
// for that alone: here an attack counts as seen when it is refused for more, or not read at all.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adversary/good_samples.h"
#include "tee/core/roots.h"
#include "tee/sgx/open_enclave.h"

namespace assay::adversary {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kReports = {
    "oe/maa-oesdk-debug", "oe/maa-oesdk-prodid", "oe/maa-oesdk-release", "oe/maa-post-attest-body"};
constexpr std::string_view kCertificate = "oe/maa-signing-certs/sample.signing.cert.der";

class OpenEnclaveFlips : public testing::Test {
 protected:
  void SetUp() override {
    if (!samples::Present()) GTEST_SKIP() << "../shared/vectors is absent";
    collateral_ =
        LoadCollateralDir(samples::Root() / "oe/oe-plugin-evidence-2022-DEBUG/collateral", nullptr)
            .value();
    at_ = ParseTime("2022-05-01T00:00:00Z").value();
  }

  // Refused for the platform's TCB status and for nothing else.
  bool OnlyOutOfDate(View evidence) {
    Expectations expectations;
    expectations.allow_debug = true;
    const auto verdict = appraiser_.Appraise(evidence, "", collateral_, expectations, at_);
    if (!verdict) return false;
    EXPECT_FALSE(verdict->trusted);
    std::vector<std::string_view> failed;
    for (const Check& check : verdict->checks) {
      if (check.outcome == Outcome::kFail) failed.push_back(check.name);
    }
    return failed == std::vector<std::string_view>{"tcb.status"};
  }

  Collateral collateral_;
  Time at_{};
  Appraiser appraiser_{DefaultRoots()};
  Tally tally_;
};

// REPORTDATA is the SHA-256 of what the enclave says of itself; here that follows the quote.
TEST_F(OpenEnclaveFlips, EveryBitOfCustomClaims) {
  for (const std::string_view name : kReports) {
    const fs::path folder = samples::Root() / name;
    const Bytes quote = samples::Read(folder / "oe_report.bin");
    const Bytes claims = samples::Read(folder / "enclave_held_data.bin");
    const auto with = [&](const Bytes& said) {
      Bytes out = quote;
      Append(out, said);
      for (std::size_t i = 0; i < 8; ++i) {  // the size of what follows the header
        out[8 + i] = static_cast<std::byte>((out.size() - 16) >> (8 * i));
      }
      return out;
    };
    ASSERT_TRUE(OnlyOutOfDate(quote)) << name;
    ASSERT_TRUE(OnlyOutOfDate(with(claims))) << name;
    FlipBits(
        claims, "custom claims", std::string(name), tally_,
        [&](const Bytes& flipped, std::size_t) { return FateOf(OnlyOutOfDate(with(flipped))); });
    Truncate(claims, "custom claims cut short", std::string(name), tally_,
             [&](const Bytes& cut, std::size_t size) {
               // None at all are no claims: the quote stands for itself.
               return size == 0 ? Fate::kWithoutEffect : FateOf(OnlyOutOfDate(with(cut)));
             });
  }
  tally_.Report("Open Enclave custom claims");
}

// Of an RA-TLS certificate its key and the evidence inside it are attested. The names, dates and
// signature around them are the enclave's own words, which nothing rests on: a flip that leaves key
// and evidence as they are is without effect.
bool SameAttestedParts(View a, View b) {
  const auto changed = Certificate::FromDer(a);
  const auto evidence = sgx::UnwrapRaTlsCertificate(a);
  return changed && evidence &&
         (*changed)->key().SpkiDigest() == Certificate::FromDer(b).value()->key().SpkiDigest() &&
         *evidence == sgx::UnwrapRaTlsCertificate(b).value();
}

// The certificate chain inside the quote is left to the flips of quotes.
TEST_F(OpenEnclaveFlips, EveryBitOfAnRaTlsCertificate) {
  const Bytes der = samples::Read(samples::Root() / kCertificate);
  ASSERT_TRUE(OnlyOutOfDate(der));
  const std::size_t pem = AsText(der).find("-----BEGIN");
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";  // and a NUL
  const std::size_t pem_end = AsText(der).rfind(kEnd) + kEnd.size() + 1;
  for (const auto& [from, to] : {std::pair(std::size_t{0}, pem), std::pair(pem_end, der.size())}) {
    const View part = View(der).subspan(from, to - from);
    FlipBits(ToBytes(part), "RA-TLS certificate", std::string(kCertificate), tally_,
             [&, from = from](const Bytes& flipped, std::size_t) {
               Bytes changed = der;
               std::copy(flipped.begin(), flipped.end(),
                         changed.begin() + static_cast<std::ptrdiff_t>(from));
               if (!OnlyOutOfDate(changed)) return Fate::kRefused;
               return SameAttestedParts(changed, der) ? Fate::kWithoutEffect : Fate::kTrusted;
             });
  }
  Truncate(der, "RA-TLS certificate cut short", std::string(kCertificate), tally_,
           [&](const Bytes& cut, std::size_t) { return FateOf(OnlyOutOfDate(cut)); });
  tally_.Report("RA-TLS certificates");
}

}  // namespace
}  // namespace assay::adversary
