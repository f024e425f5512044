#include "collateral/inventory.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/dcap/signed_document.h"
#include "tee/snp/vcek_extensions.h"

namespace assay {
namespace {

constexpr std::chrono::days kSoon{7};

InventoryItem OfDocument(const JsonDocument& document) {
  const auto parsed = dcap::ParseSignedDocument(document);
  if (parsed && parsed->tcb_info) {
    const dcap::TcbInfo& info = *parsed->tcb_info;
    return {"TCB info",
            fmt::format("{} FMSPC {}, evaluation {}", info.id, HexEncode(info.fmspc),
                        info.evaluation_data_number),
            info.issue_date, info.next_update};
  }
  if (parsed && parsed->qe_identity) {
    const dcap::QeIdentity& identity = *parsed->qe_identity;
    return {"QE identity",
            fmt::format("{}, evaluation {}", identity.id, identity.evaluation_data_number),
            identity.issue_date, identity.next_update};
  }
  return {"document", "unreadable, SHA-256 " + HexEncode(document.digest), {}, {}};
}

InventoryItem OfCrl(const Crl& crl) {
  return {"CRL", fmt::format("{}, {} revoked", crl.issuer_cn(), crl.revoked_count()),
          crl.this_update(), crl.next_update()};
}

InventoryItem OfCertificate(const Certificate& certificate) {
  InventoryItem out{"certificate", certificate.subject_cn(), certificate.not_before(),
                    certificate.not_after()};
  if (certificate.subject_cn() == "SEV-VCEK" || certificate.subject_cn() == "SEV-VLEK") {
    const auto found = snp::ParseVcekExtensions(certificate);
    if (!found) return out;
    const AmdSpls spls{found->tcb.bootloader, found->tcb.tee, found->tcb.snp, found->tcb.microcode,
                       found->tcb.fmc};
    out.kind = certificate.subject_cn() == "SEV-VCEK" ? "VCEK" : "VLEK";
    out.subject = fmt::format(
        "{} {} of {}", found->product_name, SplsText(spls),
        found->hwid ? HexEncode(View(*found->hwid).first(8)) + "…" : found->csp_id.value_or("?"));
  }
  return out;
}

}  // namespace

std::vector<InventoryItem> Inventory(const Collateral& collateral) {
  std::vector<InventoryItem> out;
  for (const auto& document : collateral.documents) out.push_back(OfDocument(*document));
  for (const CrlPtr& crl : collateral.crls) out.push_back(OfCrl(*crl));
  for (const CertificatePtr& certificate : collateral.certificates) {
    out.push_back(OfCertificate(*certificate));
  }
  return out;
}

std::string_view FreshnessAt(const InventoryItem& item, Time now) {
  if (now > item.until) return "expired";
  if (now < item.from) return "not yet valid";
  return item.until - now <= kSoon ? "expires soon" : "valid";
}

}  // namespace assay
