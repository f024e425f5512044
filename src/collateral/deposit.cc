#include "collateral/deposit.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "tee/dcap/signed_document.h"
#include "tee/snp/vcek_extensions.h"

namespace assay {
namespace {

class Depositor {
 public:
  Depositor(const Collateral& from, Time as_of, CollateralStore& store, Deposited& out)
      : from_(from), as_of_(as_of), store_(store), out_(out) {}

  Result<void> Document(const JsonDocument& document);
  Result<void> List(const Crl& crl, const Bytes& der);
  Result<void> Leaf(const Certificate& leaf);
  Result<void> Chain(const Certificate& intermediate);

 private:
  Result<void> Put(Result<Piece> piece, Bytes body, std::string issuer_chain);
  Result<void> Pass(std::string why) {
    out_.passed.push_back(std::move(why));
    return {};
  }
  const Certificate* IssuerOf(const Certificate& certificate) const {
    for (const CertificatePtr& issuer : from_.certificates) {
      if (certificate.IssuedBy(*issuer)) return issuer.get();
    }
    return nullptr;
  }

  const Collateral& from_;
  const Time as_of_;
  CollateralStore& store_;
  Deposited& out_;
};

// The piece of that kind among those of the need: pieces.cc alone knows the paths.
template <typename Need>
Result<Piece> PieceOf(CollateralPiece kind, const Need& need) {
  for (Piece& piece : TRY(PiecesOf({}, need))) {
    if (piece.kind == kind) return std::move(piece);
  }
  return Fail(ErrorCode::kInternal, "the need has no such piece");
}

Result<void> Depositor::Put(Result<Piece> piece, Bytes body, std::string issuer_chain) {
  if (!piece) return Pass(piece.error().message);
  Answer answer{{}, {}, as_of_, std::move(body), std::move(issuer_chain)};
  const auto content = ReadAnswer(*piece, answer);
  if (!content) return Pass(content.error().message);
  if (const auto stored = store_.Load(piece->path)) {
    const auto present = ReadAnswer(*piece, *stored);
    if (present && present->until > content->until) {
      return Pass(fmt::format("{}: the store has a newer one", piece->path));
    }
  }
  TRY_VOID(store_.Save(piece->path, answer));
  out_.paths.push_back(piece->path);
  return {};
}

Result<void> Depositor::Document(const JsonDocument& document) {
  const auto parsed = dcap::ParseSignedDocument(document);
  if (!parsed) return Pass("a document: " + parsed.error().message);
  std::string chain;
  for (const CertificatePtr& signer : from_.certificates) {
    if (!signer->key().VerifyEcdsa(parsed->body_digest, parsed->signature)) continue;
    const Certificate* root = IssuerOf(*signer);
    chain = CertificateToPem(*signer) + (root != nullptr ? CertificateToPem(*root) : "");
  }
  Bytes body = ToBytes(AsBytes(document.text));
  if (const auto& info = parsed->tcb_info) {
    const IntelNeed need{HexEncode(info->fmspc), "platform", info->id == "TDX"};
    return Put(PieceOf(CollateralPiece::kTcbInfo, need), std::move(body), std::move(chain));
  }
  // The identity is the same for all platforms: any FMSPC leads to it.
  const IntelNeed need{"000000000000", "platform", parsed->qe_identity->id == "TD_QE"};
  return Put(PieceOf(CollateralPiece::kQeIdentity, need), std::move(body), std::move(chain));
}

Result<void> Depositor::List(const Crl& crl, const Bytes& der) {
  const std::string& issuer = crl.issuer_cn();
  if (issuer == "Intel SGX Root CA") {
    return Put(PieceOf(CollateralPiece::kRootCrl, IntelNeed{"000000000000", "platform", false}),
               der, {});
  }
  for (const char* ca : {"platform", "processor"}) {
    const auto name = ca == std::string_view("platform") ? "Intel SGX PCK Platform CA"
                                                         : "Intel SGX PCK Processor CA";
    if (issuer != name) continue;
    return Put(PieceOf(CollateralPiece::kPckCrl, IntelNeed{"000000000000", ca, false}), der, {});
  }
  if (!issuer.starts_with("ARK-")) return Pass("the CRL of " + issuer + " has no place in a store");
  // KDS serves the root's list for both kinds of leaf.
  for (const bool vlek : {false, true}) {
    const AmdNeed need{{issuer.substr(4)}, {}, {}, vlek, true};
    TRY_VOID(Put(PieceOf(CollateralPiece::kAmdCrl, need), der, {}));
  }
  return {};
}

Result<void> Depositor::Leaf(const Certificate& leaf) {
  const auto found = snp::ParseVcekExtensions(leaf);
  if (!found || !found->hwid) return Pass("a VCEK without readable extensions");
  const AmdNeed need{
      {std::string(snp::ProductName(found->product))},
      *found->hwid,
      {found->tcb.bootloader, found->tcb.tee, found->tcb.snp, found->tcb.microcode, found->tcb.fmc},
      false,
      false};
  return Put(PieceOf(CollateralPiece::kAmdLeaf, need), leaf.der(), {});
}

Result<void> Depositor::Chain(const Certificate& intermediate) {
  const Certificate* root = IssuerOf(intermediate);
  if (root == nullptr) return Pass(intermediate.subject_cn() + ": its issuer is not there");
  const std::string& name = intermediate.subject_cn();
  const bool vlek = name.starts_with("SEV-VLEK-");
  const AmdNeed need{{name.substr(vlek ? 9 : 4)}, {}, {}, vlek, true};
  const std::string pem = CertificateToPem(intermediate) + CertificateToPem(*root);
  return Put(PieceOf(CollateralPiece::kAmdChain, need), ToBytes(AsBytes(pem)), {});
}

}  // namespace

Result<Deposited> Deposit(const Collateral& collateral, const CrlDer& crl_der, Time as_of,
                          CollateralStore& store) {
  Deposited out;
  Depositor depositor(collateral, as_of, store, out);
  for (const auto& document : collateral.documents) TRY_VOID(depositor.Document(*document));
  for (const CrlPtr& crl : collateral.crls) {
    const auto der = crl_der.find(crl->digest());
    if (der != crl_der.end()) TRY_VOID(depositor.List(*crl, der->second));
  }
  for (const CertificatePtr& certificate : collateral.certificates) {
    const std::string& name = certificate->subject_cn();
    if (name == "SEV-VCEK") {
      TRY_VOID(depositor.Leaf(*certificate));
    } else if (name.starts_with("SEV-") && certificate->is_ca()) {
      TRY_VOID(depositor.Chain(*certificate));
    } else if (name == "SEV-VLEK") {
      out.passed.push_back("a VLEK: it comes with the evidence or by --collateral");
    }
  }
  return out;
}

}  // namespace assay
