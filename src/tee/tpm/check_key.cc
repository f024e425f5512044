// Whose key is it?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "tee/core/fact.h"
#include "tee/tpm/checks.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kAttributesClause = "TPM 2.0 Part 2 section 8.3; Part 1 section 36.3";
constexpr std::string_view kChainClause = "RFC 5280 section 6.1; TCG EK Credential Profile";
constexpr std::string_view kCrlClause = "RFC 5280 section 6.3";

struct Path {
  std::vector<CertificatePtr> certificates;  // leaf first, up to the anchor
  bool anchored = false;
};

bool IsAnchor(const Certificate& certificate, const TrustedRoots& roots) {
  const Sha256Digest key = certificate.key().SpkiDigest();
  return std::find(roots.tpm.begin(), roots.tpm.end(), key) != roots.tpm.end();
}

bool Issued(const Certificate& child, const Certificate& issuer, VerifyCache& cache) {
  return issuer.is_ca() && RememberedFact(cache, "certificate", child.digest(), issuer.digest(),
                                          [&] { return child.IssuedBy(issuer); });
}

CertificatePtr IssuerOf(const Certificate& child, const TpmEvidence& evidence,
                        const VerifyInput& input) {
  for (const auto* pool : {&evidence.ak_certificates, &input.collateral.certificates}) {
    for (const CertificatePtr& candidate : *pool) {
      if (candidate->digest() != child.digest() && Issued(child, *candidate, input.cache)) {
        return candidate;
      }
    }
  }
  return nullptr;
}

Path FindPath(const TpmEvidence& evidence, const VerifyInput& input) {
  Path out;
  CertificatePtr next = evidence.ak_certificates.front();
  while (next && out.certificates.size() < limits::kCertificatesInChain) {
    out.certificates.push_back(next);
    // The leaf itself is no anchor: its key is on this machine.
    if (out.certificates.size() > 1 && IsAnchor(*next, input.roots)) {
      out.anchored = true;
      break;
    }
    next = IssuerOf(*next, evidence, input);
  }
  return out;
}

struct Revocation {
  std::string missing;  // the first issuer without a current list
  std::string revoked;  // the first revoked certificate
};

// A list counts if its issuer signed it; one that revokes counts whatever its date.
Revocation LookForRevocation(const Path& path, const VerifyInput& input) {
  Revocation out;
  for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
    const Certificate& subject = *path.certificates[i];
    const Certificate& issuer = *path.certificates[i + 1];
    bool current = false;
    for (const CrlPtr& crl : input.collateral.crls) {
      if (crl->issuer_cn() != issuer.subject_cn()) continue;
      if (!RememberedFact(input.cache, "crl", crl->digest(), issuer.digest(),
                          [&] { return crl->IssuedBy(issuer); })) {
        continue;
      }
      current = current || crl->ValidAt(input.now);
      if (crl->Revokes(subject) && out.revoked.empty()) out.revoked = subject.subject_cn();
    }
    if (!current && out.missing.empty()) out.missing = issuer.subject_cn();
  }
  return out;
}

void CheckRevocation(const Path& path, const VerifyInput& input, Trace& trace) {
  const Revocation found = LookForRevocation(path, input);
  const bool present = found.missing.empty();
  const Outcome missing = input.expectations.allow_missing_crl ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"ak_crl.present",
             present ? Outcome::kPass : missing,
             "a current revocation list of each issuer",
             present ? "all are there" : "none of " + found.missing,
             {},
             kCrlClause});
  trace.Expect(found.revoked.empty(), "ak.revoked", "no certificate of the chain is revoked",
               found.revoked.empty() ? "none is" : found.revoked + " is revoked", kCrlClause);
}

void CheckChain(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const Path path = FindPath(evidence, input);
  const Certificate& leaf = *path.certificates.front();
  trace.Expect(leaf.key().SpkiDigest() == evidence.ak->key.SpkiDigest(), "ak.certificate",
               "a certificate of the attestation key",
               "SPKI SHA-256 " + HexEncode(leaf.key().SpkiDigest()), kChainClause);
  const std::string top = path.certificates.back()->subject_cn();
  trace.Expect(path.anchored, "ak.chain", "a chain to a TPM authority this verifier trusts",
               fmt::format("{} certificates, the last is \"{}\"", path.certificates.size(), top),
               kChainClause);
  const auto expired = std::find_if(
      path.certificates.begin(), path.certificates.end(),
      [&](const CertificatePtr& certificate) { return !certificate->ValidAt(input.now); });
  const bool dates = expired == path.certificates.end();
  trace.Expect(dates, "ak.dates",
               dates ? "certificates that are valid now"
                     : (*expired)->subject_cn() + " " + (*expired)->validity(),
               FormatTime(input.now), "RFC 5280 section 6.1.3");
  if (path.anchored) CheckRevocation(path, input, trace);
}

void CheckEnrolled(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const auto& enrolled = input.expectations.enrolled_aks;
  const Bytes name = evidence.ak->Name();
  const bool known = std::find(enrolled.begin(), enrolled.end(), name) != enrolled.end();
  trace.Expect(known, "ak.enrolled", "the name of an attestation key that was enrolled",
               HexEncode(name), "TPM 2.0 Part 1 section 16");
}

}  // namespace

void CheckAttestationKey(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const PublicArea& ak = *evidence.ak;
  // A key that is not restricted signs whatever its holder writes, a made-up quote for example.
  const bool good = ak.fixed_tpm() && ak.restricted() && ak.signs() && !ak.decrypt() &&
                    ak.sensitive_data_origin();
  trace.Expect(good, "ak.attributes",
               "fixedTPM, restricted, sign and sensitiveDataOrigin, not decrypt",
               fmt::format("attributes 0x{:08x}", ak.attributes), kAttributesClause);
  if (!input.expectations.enrolled_aks.empty()) {
    CheckEnrolled(evidence, input, trace);
  } else if (evidence.ak_certificates.empty()) {
    trace.Expect(false, "ak.trust", "a certificate of the attestation key, or an enrolled key",
                 "neither", kChainClause);
  } else {
    CheckChain(evidence, input, trace);
  }
}

}  // namespace assay::tpm
