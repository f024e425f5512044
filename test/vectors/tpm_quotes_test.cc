// Quotes of TPMs of other makers and clouds, with the certificates of their keys.
#include <gtest/gtest.h>

#include <iostream>

#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "tee/tpm/scheme.h"
#include "tee/tpm/structures.h"
#include "vectors/tpm_samples.h"

namespace assay {
namespace {

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

struct QuoteSample {
  Bytes ak_public, event_log;
  std::vector<Bytes> certificates;
  std::vector<std::pair<Bytes, Bytes>> quotes;
  json::Object pcrs;
  Collateral collateral;

  std::string Json() const {
    const auto text = [](const Bytes& bytes) { return json::Value(Base64UrlEncode(bytes)); };
    json::Array chain;
    for (const Bytes& der : certificates) chain.push_back(text(der));
    json::Array signed_quotes;
    for (const auto& [message, signature] : quotes) {
      signed_quotes.emplace_back(
          json::Object{{"message", text(message)}, {"signature", text(signature)}});
    }
    return json::Write(json::Object{{"assay-evidence", "tpm/1"},
                                    {"ak", text(ak_public)},
                                    {"ak_certificates", chain},
                                    {"quotes", signed_quotes},
                                    {"pcrs", pcrs},
                                    {"event_log", text(event_log)}});
  }
};

// Three banks of a machine in Google's cloud, challenged with 9009.
QuoteSample Google() {
  const auto folder = samples::Root() / "tpm/gce-cos85-nonce9009";
  QuoteSample out;
  out.ak_public = samples::Read(folder / "ak_pub.tpmt");
  out.event_log = samples::Read(folder / "eventlog.bin");
  out.certificates = {samples::Read(folder / "ak_cert.der")};
  for (const char* bank : {"sha1", "sha256", "sha384"}) {
    const std::string base = std::string("quote_") + bank;
    out.quotes.emplace_back(samples::Read(folder / (base + ".msg")),
                            samples::Read(folder / (base + ".sig.tpmt")));
    out.pcrs.emplace_back(
        bank, json::Parse(AsText(samples::Read(folder / (std::string("pcrs_") + bank + ".json"))))
                  .value());
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "ca")) {
    const Bytes content = samples::Read(entry.path());
    const auto pem = CertificatesFromPem(AsText(content));
    if (pem) out.collateral.certificates.push_back(pem->front());
    if (const auto der = Certificate::FromDer(content)) {
      out.collateral.certificates.push_back(*der);
    }
  }
  return out;
}

std::string Failures(const QuoteSample& sample, const Expectations& expectations,
                     const TrustedRoots& roots = DefaultRoots(),
                     const char* at = "2024-01-01T00:00:00Z") {
  const std::string text = sample.Json();
  const auto parsed = kTpmScheme.parse(AsBytes(text));
  if (!parsed) return "parse: " + parsed.error().message;
  VerifyCache cache;
  Trace trace;
  kTpmScheme.check(**parsed, {sample.collateral, roots, expectations, ParseTime(at).value(), cache},
                   trace);
  std::string out;
  for (const Check& check : trace.checks()) {
    if (check.outcome == Outcome::kFail) out += (out.empty() ? "" : " ") + std::string(check.name);
  }
  return out;
}

Expectations Nonce9009() {
  Expectations out;
  out.report_data = HexDecode("9009").value();
  out.allow_missing_crl = true;  // the sample has none
  return out;
}

TEST(TpmQuotes, AGoogleMachineIsTrustedByTheCertificateOfItsKey) {
  SKIP_WITHOUT_SAMPLES();
  const QuoteSample sample = Google();
  EXPECT_EQ(Failures(sample, Nonce9009()), "");
  Expectations strict = Nonce9009();
  strict.allow_missing_crl = false;
  EXPECT_EQ(Failures(sample, strict), "ak_crl.present");
  EXPECT_EQ(Failures(sample, Nonce9009(), TrustedRoots{}), "ak.chain");
  EXPECT_EQ(Failures(sample, Nonce9009(), DefaultRoots(), "2020-01-01T00:00:00Z"), "ak.dates");
}

TEST(TpmQuotes, TheSha1BankAloneIsNotEnoughUnlessAskedFor) {
  SKIP_WITHOUT_SAMPLES();
  QuoteSample sample = Google();
  sample.quotes.resize(1);
  EXPECT_EQ(Failures(sample, Nonce9009()), "quote.hash");
  Expectations lenient = Nonce9009();
  lenient.allow_sha1 = true;
  EXPECT_EQ(Failures(sample, lenient), "");
}

TEST(TpmQuotes, TheCertificateOfAnotherKeyIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  QuoteSample sample = Google();
  sample.certificates = {
      samples::Read(samples::Root() / "az-tdx/flashbots-tdx-2026-06/ak_cert.der")};
  EXPECT_NE(Failures(sample, Nonce9009()).find("ak.certificate"), std::string::npos);
}

// RSASSA over a software TPM's quote of PCR 16 alone: signature and name, as the files have them.
TEST(TpmQuotes, NamesAreThoseThatTpmsComputed) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t compared = 0;
  for (const char* folder : {"tpm/keylime-swtpm-quote", "trusted-launch/good"}) {
    const Bytes public_area = samples::Read(samples::Root() / folder / "ak.pub");
    const auto ak = tpm::ParsePublicArea(public_area);
    ASSERT_TRUE(ak) << folder << ": " << ak.error().message;
    EXPECT_EQ(ak->Name(), samples::Read(samples::Root() / folder / "ak.name")) << folder;
    ++compared;
  }
  EXPECT_EQ(compared, 2U);
}

TEST(TpmQuotes, NoBitOfAGoogleQuoteCanBeChanged) {
  SKIP_WITHOUT_SAMPLES();
  const QuoteSample sample = Google();
  std::size_t refused = 0;
  for (std::size_t quote = 0; quote < sample.quotes.size(); ++quote) {
    for (std::size_t bit = 0; bit < sample.quotes[quote].first.size() * 8; ++bit) {
      QuoteSample changed = sample;
      changed.quotes[quote].first[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      ASSERT_NE(Failures(changed, Nonce9009()), "") << bit;
      ++refused;
    }
  }
  std::cout << "refused: " << refused << " changed bits of a Google quote\n";
}

}  // namespace
}  // namespace assay
