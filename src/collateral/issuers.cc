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
