// Is the leaf certificate AMD's, and has AMD taken nothing of it back?
#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

constexpr std::string_view kChainClause = "AMD 57230, certificate chain";
constexpr std::string_view kCrlClause = "RFC 5280 section 6.3; AMD 57230, KDS CRL";

std::string NameOf(const CertificatePtr& certificate) {
  return certificate ? certificate->subject_cn() : "not found in collateral";
}

void CheckIssued(bool ok, std::string_view name, const CertificatePtr& child,
                 const CertificatePtr& issuer, const VerifyInput& input, Trace& trace) {
  std::string expected =
      child ? fmt::format("{} signed by {}", child->subject_cn(), child->issuer_cn())
            : "a certificate signed by AMD's root";
  std::string found = !issuer ? (child ? child->issuer_cn() : "issuer") + " not in collateral" +
                                    WhyMissing(input.collateral, CollateralPiece::kAmdChain)
                              : (ok ? "signature valid" : "not signed by that key");
  trace.Expect(ok, name, std::move(expected), std::move(found), kChainClause);
}

void CheckValidity(const CertificatePtr& certificate, std::string_view name, Time now,
                   Trace& trace) {
  if (!certificate) return;
  trace.Expect(certificate->ValidAt(now), name,
               fmt::format("{} to {}", FormatTime(certificate->not_before()),
                           FormatTime(certificate->not_after())),
               FormatTime(now), "RFC 5280 section 6.1.3");
}

struct CrlSearch {
  CrlPtr fresh, stale;      // signed by the issuer
  bool named_only = false;  // one bears the issuer's name, yet not its signature
  bool revoked = false;     // by any that is signed: a revocation does not age

  bool any() const { return fresh || stale || named_only; }
};

CrlSearch SearchCrls(const CertificatePtr& issuer, const std::vector<CertificatePtr>& subjects,
                     const VerifyInput& input) {
  CrlSearch out;
  for (const CrlPtr& crl : input.collateral.crls) {
    if (crl->issuer_cn() != issuer->subject_cn()) continue;
    if (!IssuedByCached(*crl, *issuer, input.cache)) {
      out.named_only = true;
      continue;
    }
    for (const CertificatePtr& c : subjects) out.revoked = out.revoked || crl->Revokes(*c);
    (crl->ValidAt(input.now) ? out.fresh : out.stale) = crl;
  }
  return out;
}

struct CrlCheckNames {
  std::string_view signature, dates, revoked;
};

// Each list that is there is judged: signed by its issuer, current, and without the subjects.
void CheckCrl(const CrlSearch& crls, const CertificatePtr& issuer,
              const std::vector<CertificatePtr>& subjects, const CrlCheckNames& names,
              const VerifyInput& input, Trace& trace) {
  const bool genuine = crls.fresh || crls.stale;
  if (!trace.Expect(genuine, names.signature, "a list signed by " + issuer->subject_cn(),
                    genuine ? "it is" : "a list of that name that its key did not sign",
                    kCrlClause)) {
    return;
  }
  const CrlPtr& best = crls.fresh ? crls.fresh : crls.stale;
  trace.Expect(crls.fresh != nullptr, names.dates, best->validity(),
               FormatTime(input.now) +
                   (crls.fresh ? "" : WhyMissing(input.collateral, CollateralPiece::kAmdCrl)),
               kCrlClause);
  std::string whom;
  for (const CertificatePtr& c : subjects) whom += (whom.empty() ? "" : ", ") + c->subject_cn();
  trace.Expect(!crls.revoked, names.revoked, whom + " not revoked",
               crls.revoked ? "revoked" : "not revoked", kCrlClause);
}

void CheckPresent(bool present, const CertificatePtr& issuer, std::string_view name,
                  const VerifyInput& input, Trace& trace) {
  const Outcome missing = input.expectations.allow_missing_crl ? Outcome::kWaived : Outcome::kFail;
  trace.Add(Check{.name = name,
                  .outcome = present ? Outcome::kPass : missing,
                  .expected = "a revocation list of " + issuer->subject_cn(),
                  .found = present ? "it is there"
                                   : "none in the collateral" +
                                         WhyMissing(input.collateral, CollateralPiece::kAmdCrl),
                  .where = {},
                  .clause = kCrlClause});
}

}  // namespace

void CheckChain(const Leaf& leaf, const VerifyInput& input, Trace& trace) {
  const Path& path = leaf.path;
  CheckIssued(path.leaf_issued, "chain.leaf", path.leaf, path.intermediate, input, trace);
  CheckIssued(path.intermediate_issued, "chain.intermediate", path.intermediate, path.root, input,
              trace);
  trace.Expect(path.root_self_signed, "chain.root", "a root that signed itself", NameOf(path.root),
               kChainClause);
  trace.Expect(
      path.root_pinned, "chain.root_pinned", "an AMD root key this verifier trusts",
      path.root ? "SPKI SHA-256 " + HexEncode(path.root->key().SpkiDigest()) : NameOf(path.root),
      kChainClause);
  const bool ca =
      path.intermediate && path.root && path.intermediate->is_ca() && path.root->is_ca();
  trace.Expect(ca, "chain.ca", "issuers that are certificate authorities",
               ca ? "both are" : "one is not, or is missing", "RFC 5280 section 4.2.1.9");
  CheckValidity(path.leaf, "chain.validity.leaf", input.now, trace);
  CheckValidity(path.intermediate, "chain.validity.intermediate", input.now, trace);
  CheckValidity(path.root, "chain.validity.root", input.now, trace);
}

void CheckRevocation(const Path& path, const VerifyInput& input, Trace& trace) {
  // Without an authentic chain there is nobody whose list could count; the chain has failed
  // already.
  if (!path.authentic()) return;
  const std::vector<CertificatePtr> of_root = {path.intermediate, path.root};
  const CrlSearch root = SearchCrls(path.root, of_root, input);
  CheckPresent(root.any(), path.root, "root_crl.present", input, trace);
  if (root.any()) {
    CheckCrl(root, path.root, of_root,
             {"root_crl.signature", "root_crl.dates", "intermediate.revoked"}, input, trace);
  }
  // AMD lets its root speak for all; an intermediate's own list is heard if it is there.
  const CrlSearch own = SearchCrls(path.intermediate, {path.leaf}, input);
  if (own.any()) {
    CheckCrl(own, path.intermediate, {path.leaf},
             {"intermediate_crl.signature", "intermediate_crl.dates", "leaf.revoked"}, input,
             trace);
  }
}

}  // namespace assay::snp
