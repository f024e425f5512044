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

void CheckCrl(const CertificatePtr& issuer, const std::vector<CertificatePtr>& subjects,
              std::string_view name, bool needed, const VerifyInput& input, Trace& trace) {
  const CrlSearch crls = SearchCrls(issuer, subjects, input);
  const std::string why = WhyMissing(input.collateral, CollateralPiece::kAmdCrl);
  Check check{.name = name,
              .outcome = Outcome::kFail,
              .expected = fmt::format("a current revocation list of {} without {}",
                                      issuer->subject_cn(), subjects.front()->subject_cn()),
              .found = {},
              .where = {},
              .clause = kCrlClause};
  if (crls.revoked) {
    check.found = "revoked";
  } else if (crls.fresh) {
    check.outcome = Outcome::kPass;
    check.found =
        fmt::format("not revoked; list valid until {}", FormatTime(crls.fresh->next_update()));
  } else if (crls.stale) {
    check.found = fmt::format("list valid {} to {}, now {}", FormatTime(crls.stale->this_update()),
                              FormatTime(crls.stale->next_update()), FormatTime(input.now)) +
                  why;
  } else if (crls.named_only) {
    check.found = "a list of that issuer that its key did not sign";
  } else if (!needed) {
    return;  // AMD lets its root speak for all; an intermediate's own list is heard if it is there
  } else {
    check.found = "CRL not supplied" + why;
    if (input.expectations.allow_missing_crl) check.outcome = Outcome::kWaived;
  }
  trace.Add(std::move(check));
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
  CheckCrl(path.root, {path.intermediate, path.root}, "crl.root", true, input, trace);
  CheckCrl(path.intermediate, {path.leaf}, "crl.intermediate", false, input, trace);
}

}  // namespace assay::snp
