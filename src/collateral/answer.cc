#include "collateral/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "collateral/load.h"
#include "tee/dcap/signed_document.h"
#include "tee/snp/vcek_extensions.h"

namespace assay {
namespace {

tl::unexpected<Error> Other(const Piece& piece, std::string_view expected, std::string_view found) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("{}: expected {}, found {}", PieceName(piece.kind), expected, found));
}

Result<dcap::SignedDocument> OnlyDocument(const Piece& piece, const Collateral& body) {
  if (body.documents.size() != 1 || !body.crls.empty() || !body.certificates.empty()) {
    return Other(piece, "one signed document", "something else");
  }
  return dcap::ParseSignedDocument(*body.documents.front());
}

Result<Time> CheckTcbInfo(const Piece& piece, const Collateral& body) {
  const IntelNeed& need = std::get<IntelNeed>(piece.need);
  const dcap::SignedDocument document = TRY(OnlyDocument(piece, body));
  const std::string_view id = need.tdx ? "TDX" : "SGX";
  if (!document.tcb_info) return Other(piece, "TCB info", "another document");
  const dcap::TcbInfo& info = *document.tcb_info;
  if (info.id != id || HexEncode(info.fmspc) != need.fmspc) {
    return Other(piece, fmt::format("{} FMSPC {}", id, need.fmspc),
                 fmt::format("{} FMSPC {}", info.id, HexEncode(info.fmspc)));
  }
  return info.next_update;
}

Result<Time> CheckQeIdentity(const Piece& piece, const Collateral& body) {
  const dcap::SignedDocument document = TRY(OnlyDocument(piece, body));
  const std::string_view id = std::get<IntelNeed>(piece.need).tdx ? "TD_QE" : "QE";
  if (!document.qe_identity) return Other(piece, "an enclave identity", "another document");
  if (document.qe_identity->id != id) return Other(piece, id, document.qe_identity->id);
  return document.qe_identity->next_update;
}

Result<Time> CheckCrl(const Piece& piece, const Collateral& body,
                      const std::vector<std::string>& issuers) {
  if (body.crls.size() != 1 || !body.documents.empty() || !body.certificates.empty()) {
    return Other(piece, "one revocation list", "something else");
  }
  const Crl& crl = *body.crls.front();
  if (std::find(issuers.begin(), issuers.end(), crl.issuer_cn()) == issuers.end()) {
    return Other(piece, "the list of " + issuers.front(), "that of " + crl.issuer_cn());
  }
  return crl.next_update();
}

Result<Time> CheckLeaf(const Piece& piece, const Collateral& body) {
  const AmdNeed& need = std::get<AmdNeed>(piece.need);
  if (body.certificates.size() != 1 || !body.documents.empty() || !body.crls.empty()) {
    return Other(piece, "one certificate", "something else");
  }
  const Certificate& leaf = *body.certificates.front();
  const snp::VcekExtensions found = TRY(snp::ParseVcekExtensions(leaf));
  const AmdSpls spls{found.tcb.bootloader, found.tcb.tee, found.tcb.snp, found.tcb.microcode,
                     found.tcb.fmc};
  if (snp::ProductName(found.product) != piece.product || spls != need.spls) {
    return Other(piece, fmt::format("{} {}", piece.product, SplsText(need.spls)),
                 fmt::format("{} {}", found.product_name, SplsText(spls)));
  }
  const bool same = found.hwid && found.hwid->size() <= need.chip_id.size() &&
                    Equal(*found.hwid, View(need.chip_id).first(found.hwid->size()));
  if (!same) {
    return Other(piece, "HWID " + HexEncode(need.chip_id),
                 found.hwid ? HexEncode(*found.hwid) : "none");
  }
  return leaf.not_after();
}

Result<Time> CheckAmdChain(const Piece& piece, const Collateral& body) {
  const bool vlek = std::get<AmdNeed>(piece.need).vlek;
  const std::string intermediate = (vlek ? "SEV-VLEK-" : "SEV-") + piece.product;
  const std::string root = "ARK-" + piece.product;
  Time until = Time::max();
  bool has_intermediate = false, has_root = false;
  for (const CertificatePtr& certificate : body.certificates) {
    has_intermediate = has_intermediate || certificate->subject_cn() == intermediate;
    has_root = has_root || certificate->subject_cn() == root;
    until = std::min(until, certificate->not_after());
  }
  if (!has_intermediate || !has_root || body.certificates.size() != 2 || !body.documents.empty() ||
      !body.crls.empty()) {
    return Other(piece, fmt::format("the certificates {} and {}", intermediate, root),
                 "something else");
  }
  return until;
}

Result<Time> CheckBody(const Piece& piece, const Collateral& body) {
  switch (piece.kind) {
    case CollateralPiece::kTcbInfo: return CheckTcbInfo(piece, body);
    case CollateralPiece::kQeIdentity: return CheckQeIdentity(piece, body);
    case CollateralPiece::kPckCrl:
      return CheckCrl(
          piece, body,
          {std::get<IntelNeed>(piece.need).ca == "platform" ? "Intel SGX PCK Platform CA"
                                                            : "Intel SGX PCK Processor CA"});
    case CollateralPiece::kRootCrl: return CheckCrl(piece, body, {"Intel SGX Root CA"});
    case CollateralPiece::kAmdLeaf: return CheckLeaf(piece, body);
    case CollateralPiece::kAmdChain: return CheckAmdChain(piece, body);
    case CollateralPiece::kAmdCrl:
      return CheckCrl(
          piece, body,
          {"ARK-" + piece.product, "SEV-" + piece.product, "SEV-VLEK-" + piece.product});
  }
  return Fail(ErrorCode::kInternal, "unknown piece of collateral");
}

}  // namespace

Result<Content> ReadAnswer(const Piece& piece, const Answer& answer) {
  Content out;
  TRY_VOID(AddCollateral(answer.body, out.collateral));
  out.until = TRY(CheckBody(piece, out.collateral));
  if (answer.issuer_chain.empty()) return out;
  Collateral issuers;
  TRY_VOID(AddCollateral(AsBytes(answer.issuer_chain), issuers));
  for (CertificatePtr& certificate : issuers.certificates) {
    out.until = std::min(out.until, certificate->not_after());
    out.collateral.certificates.push_back(std::move(certificate));
  }
  return out;
}

}  // namespace assay
