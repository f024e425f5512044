#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/report.h"
#include "collateral/bundle.h"
#include "collateral/load.h"

namespace assay::cli {
namespace {

json::Value Describe(const Collateral& collateral) {
  json::Array certificates, crls, documents;
  for (const CertificatePtr& c : collateral.certificates) {
    certificates.emplace_back(json::Object{{"subject", c->subject_cn()},
                                           {"issuer", c->issuer_cn()},
                                           {"notAfter", FormatTime(c->not_after())}});
  }
  for (const CrlPtr& crl : collateral.crls) {
    crls.emplace_back(json::Object{{"issuer", crl->issuer_cn()},
                                   {"thisUpdate", FormatTime(crl->this_update())},
                                   {"nextUpdate", FormatTime(crl->next_update())},
                                   {"revoked", std::uint64_t{crl->revoked_count()}}});
  }
  for (const auto& document : collateral.documents) {
    documents.emplace_back(json::Object{{"sha256", HexEncode(document->digest)},
                                        {"bytes", std::uint64_t{document->text.size()}}});
  }
  return json::Object{{"certificates", std::move(certificates)},
                      {"crls", std::move(crls)},
                      {"documents", std::move(documents)}};
}

}  // namespace

Result<int> RunCollateralList(const Options& options) {
  fmt::print("{}\n", json::WritePretty(Describe(TRY(LoadCollateral(options.file)))));
  return kExitTrusted;
}

Result<int> RunCollateralExport(const Options& options) {
  Bundle bundle;
  std::vector<std::string> notes;
  bundle.collateral = TRY(LoadCollateralDir(options.file, &notes, &bundle.crl_der));
  bundle.created = TRY(TimeOf(options));
  TRY_VOID(WriteFile(options.out, AsBytes(TRY(ExportBundle(bundle)))));
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
  fmt::print("{}: {} certificates, {} CRLs, {} documents\n", options.out,
             bundle.collateral.certificates.size(), bundle.collateral.crls.size(),
             bundle.collateral.documents.size());
  return kExitTrusted;
}

Result<int> RunCollateralImport(const Options& options) {
  const Bytes content = TRY(ReadFile(options.file, limits::kEvidenceBytes));
  const Bundle bundle = TRY(ImportBundle(AsText(content)));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  const std::filesystem::path out(options.out);
  const auto name = [](View digest, std::string_view ending) {
    return fmt::format("{}.{}", HexEncode(digest.first(8)), ending);
  };
  for (const CertificatePtr& certificate : bundle.collateral.certificates) {
    TRY_VOID(WriteFile(out / name(certificate->digest(), "crt"), certificate->der()));
  }
  for (const auto& [digest, der] : bundle.crl_der) {
    TRY_VOID(WriteFile(out / name(digest, "crl"), der));
  }
  for (const auto& document : bundle.collateral.documents) {
    TRY_VOID(WriteFile(out / name(document->digest, "json"), AsBytes(document->text)));
  }
  fmt::print("{}: {} files\n", options.out,
             bundle.collateral.certificates.size() + bundle.crl_der.size() +
                 bundle.collateral.documents.size());
  return kExitTrusted;
}

}  // namespace assay::cli
