#include "base/encoding.h"
#include "tee/core/fact.h"
#include "tee/dcap/checks.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kPcs = "Intel PCS API v4";

struct DocumentCheckNames {
  CollateralPiece piece;
  std::string_view present, version, signer, signature, dates;
};
constexpr DocumentCheckNames kTcbInfoNames = {CollateralPiece::kTcbInfo, "tcb_info.present",
                                              "tcb_info.version",        "tcb_info.signer",
                                              "tcb_info.signature",      "tcb_info.dates"};
constexpr DocumentCheckNames kQeIdentityNames = {
    CollateralPiece::kQeIdentity, "qe_identity.present",   "qe_identity.version",
    "qe_identity.signer",         "qe_identity.signature", "qe_identity.dates"};

// The signer is Intel's TCB signing certificate under the same root as the PCK, valid and not
// revoked.
void CheckSigner(const CertificatePtr& signer, const Endorsements& endorsements,
                 std::string_view name, const VerifyInput& input, Trace& trace) {
  std::string problem;
  const Certificate& root = *endorsements.chain->root;
  if (!signer) {
    problem = "no certificate \"Intel SGX TCB Signing\" in the collateral";
  } else if (!RememberedFact(input.cache, "issued", signer->digest(), root.digest(),
                             [&] { return root.is_ca() && signer->IssuedBy(root); })) {
    problem = "not signed by " + root.subject_cn();
  } else if (!signer->ValidAt(input.now)) {
    problem = "valid " + signer->validity();
  } else if (RevokedByAny(*signer, root, input)) {
    problem = "revoked by the root's revocation list";
  }
  trace.Expect(problem.empty(), name, "Intel SGX TCB Signing under the same root",
               problem.empty() ? signer->subject_cn() : problem, kPcs);
}

template <typename Part>
void CheckDocument(const SignedDocument& document, const Part& part, const CertificatePtr& signer,
                   bool has_signed, const DocumentCheckNames& names,
                   const Endorsements& endorsements, const VerifyInput& input,
                   const std::string& now, Trace& trace) {
  trace.Expect(part.version >= 2, names.version, "2 or later", std::to_string(part.version), kPcs);
  CheckSigner(signer, endorsements, names.signer, input, trace);
  trace.Expect(has_signed, names.signature, "signed by the TCB signing key",
               has_signed ? "it is" : "it is not", kPcs);
  const bool current = part.issue_date <= input.now && input.now <= part.next_update;
  trace.Expect(current, names.dates, document.validity,
               now + (current ? "" : WhyMissing(input.collateral, names.piece)), kPcs);
}

void CheckTcbInfoAddressee(const TcbInfo& info, const PckExtension& platform, const Quote& quote,
                           Trace& trace) {
  const bool tdx = quote.tee_type != 0;
  const std::string_view id = tdx ? "TDX" : "SGX";
  trace.Expect(info.id == id, "tcb_info.id", std::string(id), info.id, kPcs);
  trace.Expect(info.fmspc == platform.fmspc, "tcb_info.fmspc", HexEncode(platform.fmspc),
               HexEncode(info.fmspc), kPcs, quote.certification_range);
  trace.Expect(info.pce_id == platform.pce_id, "tcb_info.pce_id", HexEncode(platform.pce_id),
               HexEncode(info.pce_id), kPcs, quote.certification_range);
}

void CheckPresent(bool present, const DocumentCheckNames& names, std::string expected,
                  const VerifyInput& input, Trace& trace) {
  trace.Expect(
      present, names.present, std::move(expected),
      present ? "given" : "none in the collateral" + WhyMissing(input.collateral, names.piece),
      kPcs);
}

}  // namespace

void CheckDocuments(const Quote& quote, const Endorsements& endorsements, const VerifyInput& input,
                    Trace& trace) {
  const bool tdx = quote.tee_type != 0;
  const bool has_info = endorsements.tcb_info != nullptr;
  const bool has_identity = endorsements.qe_identity != nullptr;
  CheckPresent(has_info, kTcbInfoNames, "TCB info of the platform", input, trace);
  CheckPresent(has_identity, kQeIdentityNames, "identity of the quoting enclave", input, trace);
  if (!endorsements.chain) return;
  const std::string now = FormatTime(input.now);
  if (has_info) {
    const TcbInfo& info = *endorsements.tcb_info->tcb_info;
    CheckDocument(*endorsements.tcb_info, info, endorsements.tcb_info_signer,
                  endorsements.tcb_info_signed, kTcbInfoNames, endorsements, input, now, trace);
    CheckTcbInfoAddressee(info, endorsements.chain->platform, quote, trace);
  }
  if (has_identity) {
    const QeIdentity& identity = *endorsements.qe_identity->qe_identity;
    CheckDocument(*endorsements.qe_identity, identity, endorsements.qe_identity_signer,
                  endorsements.qe_identity_signed, kQeIdentityNames, endorsements, input, now,
                  trace);
    const std::string_view id = tdx ? "TD_QE" : "QE";
    trace.Expect(identity.id == id, "qe_identity.id", std::string(id), identity.id, kPcs);
  }
}

}  // namespace assay::dcap
