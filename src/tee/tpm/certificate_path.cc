#include "tee/tpm/certificate_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "crypto/der.h"
#include "tee/core/fact.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kCrlClause = "RFC 5280 section 6.3";

struct Path {
  std::vector<CertificatePtr> certificates;  // leaf first, up to the anchor
  bool anchored = false;
};

bool IsAnchor(const Certificate& certificate, std::span<const Sha256Digest> anchors) {
  const Sha256Digest key = certificate.key().SpkiDigest();
  return std::find(anchors.begin(), anchors.end(), key) != anchors.end();
}

bool Issued(const Certificate& child, const Certificate& issuer, VerifyCache& cache) {
  return issuer.is_ca() && RememberedFact(cache, "certificate", child.digest(), issuer.digest(),
                                          [&] { return child.IssuedBy(issuer); });
}

CertificatePtr IssuerOf(const Certificate& child, const std::vector<CertificatePtr>& given,
                        const VerifyInput& input) {
  for (const auto* pool : {&given, &input.collateral.certificates}) {
    for (const CertificatePtr& candidate : *pool) {
      if (candidate->digest() != child.digest() && Issued(child, *candidate, input.cache)) {
        return candidate;
      }
    }
  }
  return nullptr;
}

Path FindPath(const std::vector<CertificatePtr>& given, std::span<const Sha256Digest> anchors,
              const VerifyInput& input) {
  Path out;
  CertificatePtr next = given.front();
  while (next && out.certificates.size() < limits::kCertificatesInChain) {
    out.certificates.push_back(next);
    // The leaf itself is no anchor: its key is on this machine.
    if (out.certificates.size() > 1 && IsAnchor(*next, anchors)) {
      out.anchored = true;
      break;
    }
    next = IssuerOf(*next, given, input);
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

void CheckRevocation(const Path& path, const PathChecks& names, const VerifyInput& input,
                     Trace& trace) {
  const Revocation found = LookForRevocation(path, input);
  const bool present = found.missing.empty();
  const Outcome missing = input.expectations.allow_missing_crl ? Outcome::kWaived : Outcome::kFail;
  trace.Add({names.crl_present,
             present ? Outcome::kPass : missing,
             "a current revocation list of each issuer",
             present ? "all are there" : "none of " + found.missing,
             {},
             kCrlClause});
  trace.Expect(found.revoked.empty(), names.revoked, "no certificate of the chain is revoked",
               found.revoked.empty() ? "none is" : found.revoked + " is revoked", kCrlClause);
}

}  // namespace

void CheckCertificatePath(const std::vector<CertificatePtr>& given,
                          std::span<const Sha256Digest> anchors, const PathChecks& names,
                          const VerifyInput& input, Trace& trace) {
  const Path path = FindPath(given, anchors, input);
  const std::string top = path.certificates.back()->subject_cn();
  trace.Expect(path.anchored, names.chain, "a chain to a TPM authority this verifier trusts",
               fmt::format("{} certificates, the last is \"{}\"", path.certificates.size(), top),
               kChainClause);
  const auto expired = std::find_if(
      path.certificates.begin(), path.certificates.end(),
      [&](const CertificatePtr& certificate) { return !certificate->ValidAt(input.now); });
  const bool dates = expired == path.certificates.end();
  trace.Expect(dates, names.dates,
               dates ? "certificates that are valid now"
                     : (*expired)->subject_cn() + " " + (*expired)->validity(),
               FormatTime(input.now), "RFC 5280 section 6.1.3");
  if (path.anchored) CheckRevocation(path, names, input, trace);
}

bool LeadsTo(const std::vector<CertificatePtr>& given, std::span<const Sha256Digest> anchors,
             const VerifyInput& input) {
  return FindPath(given, anchors, input).anchored;
}

bool HasPurpose(const Certificate& certificate, std::string_view oid) {
  const auto content = certificate.Extension("2.5.29.37");
  if (!content) return false;
  DerReader outer(*content, "extendedKeyUsage");
  auto purposes = outer.Enter(DerReader::kSequence);
  while (purposes && !purposes->done()) {
    const auto purpose = purposes->TakeOid();
    if (!purpose) return false;
    if (*purpose == oid) return true;
  }
  return false;
}

}  // namespace assay::tpm
