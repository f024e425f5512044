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

// A time and its text, which many checks name, and where the chain stands in the evidence.
struct Context {
  Time now;
  std::string now_text;
  ByteRange where;
  const VerifyInput& input;
};

void CheckIssued(const Certificate& certificate, const Certificate& issuer, std::string_view name,
                 const Context& context, Trace& trace) {
  const bool ok =
      RememberedFact(context.input.cache, "issued", certificate.digest(), issuer.digest(),
                     [&] { return issuer.is_ca() && certificate.IssuedBy(issuer); });
  trace.Expect(ok, name, "signed by " + issuer.subject_cn(), ok ? "it is" : "it is not", kRfc5280,
               context.where);
}

void CheckDates(const Certificate& certificate, std::string_view name, const Context& context,
                Trace& trace) {
  trace.Expect(certificate.ValidAt(context.now), name, certificate.validity(), context.now_text,
               kRfc5280, context.where);
}

struct CrlCheckNames {
  CollateralPiece piece;
  std::string_view present, signature, dates, revoked;
};

void CheckCrl(const CrlPtr& crl, const Certificate& issuer, const Certificate& subject,
              const CrlCheckNames& names, const Context& context, Trace& trace) {
  const std::string why = WhyMissing(context.input.collateral, names.piece);
  if (!crl) {
    const bool waived = context.input.expectations.allow_missing_crl;
    trace.Add({names.present,
               waived ? Outcome::kWaived : Outcome::kFail,
               "a revocation list of " + issuer.subject_cn(),
               "none in the collateral" + why,
               {},
               kRfc5280Crl});
    return;
  }
  trace.Expect(true, names.present, issuer.subject_cn(), crl->issuer_cn(), kRfc5280Crl);
  const bool ok = RememberedFact(context.input.cache, "crl", crl->digest(), issuer.digest(),
                                 [&] { return crl->IssuedBy(issuer); });
  trace.Expect(ok, names.signature, "signed by " + issuer.subject_cn(), ok ? "it is" : "it is not",
               kRfc5280Crl);
  const bool current = crl->ValidAt(context.now);
  trace.Expect(current, names.dates, crl->validity(), context.now_text + (current ? "" : why),
               kRfc5280Crl);
  const bool revoked = RevokedByAny(subject, issuer, context.input);
  trace.Expect(!revoked, names.revoked, "not revoked",
               revoked ? "serial " + subject.serial_hex() + " is revoked" : "not revoked",
               kRfc5280Crl, context.where);
}

void CheckNames(const PckChain& chain, ByteRange where, Trace& trace) {
  const std::string& ca = chain.intermediate->subject_cn();
  const bool ok = chain.leaf->subject_cn() == "Intel SGX PCK Certificate" &&
                  (ca == "Intel SGX PCK Processor CA" || ca == "Intel SGX PCK Platform CA") &&
                  chain.leaf->key().IsEc(Curve::kP256);
  trace.Expect(ok, "pck.profile", "a PCK certificate of the Processor or Platform CA, P-256",
               fmt::format("{} of {}", chain.leaf->subject_cn(), ca), kProfile, where);
}

}  // namespace

void CheckPckChain(const Quote& quote, const Endorsements& endorsements, const VerifyInput& input,
                   Trace& trace) {
  if (!trace.Expect(endorsements.chain != nullptr, "pck.chain",
                    "leaf, intermediate and root certificate",
                    endorsements.chain ? "3 certificates" : endorsements.chain_problem,
                    "DCAP API A.4, certification data", quote.certification_range)) {
    return;
  }
  const PckChain& chain = *endorsements.chain;
  const Context context{input.now, FormatTime(input.now), quote.certification_range, input};
  const Sha256Digest root_key = chain.root->key().SpkiDigest();
  const bool pinned = std::find(input.roots.intel.begin(), input.roots.intel.end(), root_key) !=
                      input.roots.intel.end();
  trace.Expect(pinned, "root.pinned", "a root key this verifier trusts",
               pinned ? chain.root->subject_cn() : "unknown key " + HexEncode(root_key), kProfile,
               context.where);
  CheckNames(chain, context.where, trace);
  CheckIssued(*chain.root, *chain.root, "root.signature", context, trace);
  CheckDates(*chain.root, "root.dates", context, trace);
  CheckIssued(*chain.intermediate, *chain.root, "intermediate.signature", context, trace);
  CheckDates(*chain.intermediate, "intermediate.dates", context, trace);
  CheckIssued(*chain.leaf, *chain.intermediate, "pck.signature", context, trace);
  CheckDates(*chain.leaf, "pck.dates", context, trace);
  CheckCrl(endorsements.root_crl, *chain.root, *chain.intermediate,
           {CollateralPiece::kRootCrl, "root_crl.present", "root_crl.signature", "root_crl.dates",
            "intermediate.revoked"},
           context, trace);
  CheckCrl(endorsements.pck_crl, *chain.intermediate, *chain.leaf,
           {CollateralPiece::kPckCrl, "pck_crl.present", "pck_crl.signature", "pck_crl.dates",
            "pck.revoked"},
           context, trace);
}

}  // namespace assay::dcap
