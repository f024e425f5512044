#include "collateral/issuers.h"

#include <fmt/format.h>

#include <algorithm>

#include "tee/dcap/signed_document.h"

namespace assay {
namespace {

// The certificates that a trusted root among `all` issued.
std::vector<CertificatePtr> UnderTrustedRoot(const std::vector<CertificatePtr>& all,
                                             const std::vector<Sha256Digest>& pinned) {
  std::vector<CertificatePtr> out;
  for (const CertificatePtr& root : all) {
    if (std::find(pinned.begin(), pinned.end(), root->key().SpkiDigest()) == pinned.end()) continue;
    for (const CertificatePtr& child : all) {
      if (child->digest() != root->digest() && child->IssuedBy(*root)) out.push_back(child);
    }
  }
  return out;
}

// Those roots, and the authorities right under them.
std::vector<CertificatePtr> TrustedAuthorities(const std::vector<CertificatePtr>& all,
                                               const std::vector<Sha256Digest>& pinned) {
  std::vector<CertificatePtr> out = UnderTrustedRoot(all, pinned);
  for (const CertificatePtr& root : all) {
    const bool trusted =
        std::find(pinned.begin(), pinned.end(), root->key().SpkiDigest()) != pinned.end();
    if (trusted) out.push_back(root);
  }
  return out;
}

bool DocumentIsSigned(const Content& content, const std::vector<CertificatePtr>& issuers) {
  const auto document = dcap::ParseSignedDocument(*content.collateral.documents.front());
  return document && std::any_of(issuers.begin(), issuers.end(), [&](const CertificatePtr& c) {
           return c->key().VerifyEcdsa(document->body_digest, document->signature);
         });
}

bool CrlIsSigned(const Content& content, const std::vector<CertificatePtr>& issuers) {
  const Crl& crl = *content.collateral.crls.front();
  return std::any_of(issuers.begin(), issuers.end(),
                     [&](const CertificatePtr& c) { return c->is_ca() && crl.IssuedBy(*c); });
}

}  // namespace

bool IsImpostor(const Piece& piece, const Content& content,
                const std::vector<CertificatePtr>& known, const TrustedRoots& roots) {
  const bool leaf = piece.kind == CollateralPiece::kAmdLeaf;
  const bool list =
      piece.kind == CollateralPiece::kRootCrl || piece.kind == CollateralPiece::kAmdCrl;
  if (!leaf && !list) return false;
  const auto& pinned = piece.kind == CollateralPiece::kRootCrl ? roots.intel : roots.amd;
  const Collateral& found = content.collateral;
  const std::string& name =
      leaf ? found.certificates.front()->issuer_cn() : found.crls.front()->issuer_cn();
  bool issuer_known = false;
  for (const CertificatePtr& issuer : TrustedAuthorities(known, pinned)) {
    if (issuer->subject_cn() != name) continue;
    issuer_known = true;
    const bool signed_by = leaf ? found.certificates.front()->IssuedBy(*issuer)
                                : found.crls.front()->IssuedBy(*issuer);
    if (signed_by) return false;
  }
  return issuer_known;
}

Result<void> CheckIssuers(const Piece& piece, const Content& content, const TrustedRoots& roots) {
  const auto& certificates = content.collateral.certificates;
  bool good = true;
  switch (piece.kind) {
    case CollateralPiece::kTcbInfo:
    case CollateralPiece::kQeIdentity:
      good = DocumentIsSigned(content, UnderTrustedRoot(certificates, roots.intel));
      break;
    case CollateralPiece::kPckCrl:
      good = CrlIsSigned(content, UnderTrustedRoot(certificates, roots.intel));
      break;
    case CollateralPiece::kAmdChain:
      good = !UnderTrustedRoot(certificates, roots.amd).empty();
      break;
    case CollateralPiece::kRootCrl:
    case CollateralPiece::kAmdLeaf:
    case CollateralPiece::kAmdCrl: break;
  }
  if (good) return {};
  return Fail(
      ErrorCode::kMalformed,
      fmt::format("{}: expected a signature under a root this verifier trusts, found another",
                  PieceName(piece.kind)));
}

}  // namespace assay
