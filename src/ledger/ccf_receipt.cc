#include "ledger/ccf_receipt.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay::ledger {
namespace {

tl::unexpected<Error> ReceiptRefused(std::string what, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, "receipt: " + std::move(what), std::move(hint));
}

// "ce:VIEW.SEQNO:HEX" (CCF, doc/use_apps/verify_tx.rst).
Result<void> CheckCommitEvidence(const CcfProof& proof) {
  const std::string& text = proof.leaf.commit_evidence;
  const std::string begin = fmt::format("ce:{}:", ToText(proof.id));
  const auto digest = text.starts_with(begin)
                          ? HexDecode(std::string_view(text).substr(begin.size()))
                          : Fail(ErrorCode::kMalformed, "");
  if (digest && digest->size() == sizeof(Hash)) return {};
  return ReceiptRefused(fmt::format("expected the commit evidence of transaction {}, found \"{}\"",
                                    ToText(proof.id), text.substr(0, 100)),
                        "it is about another transaction than it says");
}

// One certificate in its one PEM form, so that no byte of the receipt is without meaning.
Result<CertificatePtr> CertificateFrom(const std::string& pem, std::string_view what) {
  const auto read = CertificatesFromPem(pem);
  if (!read) return ReceiptRefused(fmt::format("{}: {}", what, read.error().message));
  if (read->size() == 1 && CertificateToPem(*read->front()) == pem) return read->front();
  return ReceiptRefused(fmt::format("{}: expected one certificate in PEM", what));
}

// From the node through former services to the one that is trusted.
Result<void> CheckEndorsements(const CcfReceipt& receipt, const CertificatePtr& node,
                               const Certificate& service) {
  CertificatePtr endorsed = node;
  for (const std::string& pem : receipt.endorsements) {
    CertificatePtr by = TRY(CertificateFrom(pem, "serviceEndorsements"));
    if (!endorsed->IssuedBy(*by)) {
      return ReceiptRefused(fmt::format("\"{}\" is not endorsed by the service certificate \"{}\"",
                                        endorsed->subject_cn(), by->subject_cn()));
    }
    endorsed = std::move(by);
  }
  if (endorsed->IssuedBy(service)) return {};
  return ReceiptRefused(
      fmt::format("expected a certificate that \"{}\" endorses, found \"{}\" of \"{}\"",
                  service.subject_cn(), endorsed->subject_cn(), endorsed->issuer_cn()),
      "it is of another ledger, or its service was renewed: compare the service certificates");
}

Result<void> CheckClaim(const CcfProof& proof) {
  if (!proof.claim || ClaimsDigest(*proof.claim) == proof.leaf.claims) return {};
  return ReceiptRefused("what it claims has not its claims digest",
                        "collection, contents or secretKey were changed");
}

}  // namespace

Hash CcfRootOf(const CcfProof& proof) {
  Hash out = CcfLeafHash(proof.leaf);
  for (const PathElement& one : proof.path) {
    out = one.side == Side::kLeft ? CcfNodeHash(one.hash, out) : CcfNodeHash(out, one.hash);
  }
  return out;
}

std::string NodeIdOf(const Certificate& node) { return HexEncode(node.key().SpkiDigest()); }

Result<CcfReceipt> SignCcfReceipt(CcfProof proof, const NodeIdentity& node) {
  CcfReceipt out;
  out.node_id = NodeIdOf(*node.certificate);
  out.certificate = CertificateToPem(*node.certificate);
  out.signature = TRY(node.key.SignDigest(proof.root));
  out.proof = std::move(proof);
  return out;
}

Result<CertificatePtr> VerifyCcfReceipt(const CcfReceipt& receipt, const Certificate& service) {
  TRY_VOID(CheckCommitEvidence(receipt.proof));
  if (CcfRootOf(receipt.proof) != receipt.proof.root) {
    return ReceiptRefused("the proof does not lead to the root that it states");
  }
  CertificatePtr node = TRY(CertificateFrom(receipt.certificate, "cert"));
  if (NodeIdOf(*node) != receipt.node_id) {
    return ReceiptRefused(
        fmt::format("expected the node {}, found the key of {}", receipt.node_id, NodeIdOf(*node)));
  }
  if (!node->key().VerifyEcdsaDer(receipt.proof.root, receipt.signature)) {
    return ReceiptRefused(
        fmt::format("the node did not sign the root {}", HexEncode(receipt.proof.root)),
        "leaf, proof or signature were changed");
  }
  TRY_VOID(CheckEndorsements(receipt, node, service));
  TRY_VOID(CheckClaim(receipt.proof));
  return node;
}

}  // namespace assay::ledger
