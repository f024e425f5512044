#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/core/fact.h"
#include "tee/dcap/checks.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kProfile = "Intel SGX PCK Certificate and CRL Profile";
constexpr std::string_view kRfc5280 = "RFC 5280 §6.1.3";
constexpr std::string_view kRfc5280Crl = "RFC 5280 §6.3.3";

void CheckIssued(const Certificate& certificate, const Certificate& issuer, std::string_view name,
                 VerifyCache& cache, Trace& trace) {
  const bool ok = RememberedFact(cache, "issued", certificate.digest(), issuer.digest(),
                                 [&] { return issuer.is_ca() && certificate.IssuedBy(issuer); });
  trace.Expect(ok, name, "signed by " + issuer.subject_cn(), ok ? "it is" : "it is not", kRfc5280);
}

// A time and its text, which many checks name.
struct Now {
  Time time;
  std::string text;
};

void CheckDates(const Certificate& certificate, std::string_view name, const Now& now,
                Trace& trace) {
  trace.Expect(certificate.ValidAt(now.time), name, certificate.validity(), now.text, kRfc5280);
}

struct CrlCheckNames {
  CollateralPiece piece;
  std::string_view present, signature, dates, revoked;
};

void CheckCrl(const CrlPtr& crl, const Certificate& issuer, const Certificate& subject,
              const CrlCheckNames& names, const VerifyInput& input, const Now& now, Trace& trace) {
  const std::string why = WhyMissing(input.collateral, names.piece);
  if (!crl) {
    const bool waived = input.expectations.allow_missing_crl;
    trace.Add({names.present,
               waived ? Outcome::kWaived : Outcome::kFail,
               "a revocation list of " + issuer.subject_cn(),
               "none in the collateral" + why,
               {},
               kRfc5280Crl});
    return;
  }
  trace.Expect(true, names.present, issuer.subject_cn(), crl->issuer_cn(), kRfc5280Crl);
  const bool ok = RememberedFact(input.cache, "crl", crl->digest(), issuer.digest(),
                                 [&] { return crl->IssuedBy(issuer); });
  trace.Expect(ok, names.signature, "signed by " + issuer.subject_cn(), ok ? "it is" : "it is not",
               kRfc5280Crl);
  const bool current = crl->ValidAt(now.time);
  trace.Expect(current, names.dates, crl->validity(), now.text + (current ? "" : why), kRfc5280Crl);
  const bool revoked = crl->Revokes(subject);
  trace.Expect(!revoked, names.revoked, "not revoked",
               revoked ? "serial " + subject.serial_hex() + " is revoked" : "not revoked",
               kRfc5280Crl);
}

void CheckNames(const PckChain& chain, Trace& trace) {
  const std::string& ca = chain.intermediate->subject_cn();
  const bool ok = chain.leaf->subject_cn() == "Intel SGX PCK Certificate" &&
                  (ca == "Intel SGX PCK Processor CA" || ca == "Intel SGX PCK Platform CA") &&
                  chain.leaf->key().IsEc(Curve::kP256);
  trace.Expect(ok, "pck.profile", "a PCK certificate of the Processor or Platform CA, P-256",
               fmt::format("{} of {}", chain.leaf->subject_cn(), ca), kProfile);
}

}  // namespace

void CheckPckChain(const Endorsements& endorsements, const VerifyInput& input, Trace& trace) {
  if (!trace.Expect(endorsements.chain != nullptr, "pck.chain",
                    "leaf, intermediate and root certificate",
                    endorsements.chain ? "3 certificates" : endorsements.chain_problem,
                    "DCAP API A.4, certification data")) {
    return;
  }
  const PckChain& chain = *endorsements.chain;
  const Now now{input.now, FormatTime(input.now)};
  const Sha256Digest root_key = chain.root->key().SpkiDigest();
  const bool pinned = std::find(input.roots.intel.begin(), input.roots.intel.end(), root_key) !=
                      input.roots.intel.end();
  trace.Expect(pinned, "root.pinned", "a root key this verifier trusts",
               pinned ? chain.root->subject_cn() : "unknown key " + HexEncode(root_key), kProfile);
  CheckNames(chain, trace);
  CheckIssued(*chain.root, *chain.root, "root.signature", input.cache, trace);
  CheckDates(*chain.root, "root.dates", now, trace);
  CheckIssued(*chain.intermediate, *chain.root, "intermediate.signature", input.cache, trace);
  CheckDates(*chain.intermediate, "intermediate.dates", now, trace);
  CheckIssued(*chain.leaf, *chain.intermediate, "pck.signature", input.cache, trace);
  CheckDates(*chain.leaf, "pck.dates", now, trace);
  CheckCrl(endorsements.root_crl, *chain.root, *chain.intermediate,
           {CollateralPiece::kRootCrl, "root_crl.present", "root_crl.signature", "root_crl.dates",
            "intermediate.revoked"},
           input, now, trace);
  CheckCrl(endorsements.pck_crl, *chain.intermediate, *chain.leaf,
           {CollateralPiece::kPckCrl, "pck_crl.present", "pck_crl.signature", "pck_crl.dates",
            "pck.revoked"},
           input, now, trace);
}

}  // namespace assay::dcap
