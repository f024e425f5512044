#include "collateral/bundle.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "collateral/recognise.h"

namespace assay {
namespace {

constexpr std::string_view kFormat = "assay-collateral-1";

Result<std::string> Text(const json::Value& element, std::string_view where) {
  if (const std::string* text = element.AsString()) return *text;
  return Fail(ErrorCode::kMalformed,
              fmt::format("bundle: {} holds something that is no text", where));
}

}  // namespace

Result<std::string> ExportBundle(const Bundle& bundle) {
  json::Array certificates, crls, documents;
  for (const auto& certificate : bundle.collateral.certificates) {
    certificates.emplace_back(Base64Encode(certificate->der()));
  }
  for (const auto& crl : bundle.collateral.crls) {
    const auto der = bundle.crl_der.find(crl->digest());
    if (der == bundle.crl_der.end()) {
      return Fail(ErrorCode::kMissing,
                  fmt::format("bundle: the DER of the CRL of {} is not at hand", crl->issuer_cn()));
    }
    crls.emplace_back(Base64Encode(der->second));
  }
  for (const auto& document : bundle.collateral.documents) documents.emplace_back(document->text);
  return json::WritePretty(json::Object{{"format", kFormat},
                                        {"created", FormatTime(bundle.created)},
                                        {"certificates", std::move(certificates)},
                                        {"crls", std::move(crls)},
                                        {"documents", std::move(documents)}});
}

Result<Bundle> ImportBundle(std::string_view text) {
  const json::Value value = TRY(json::Parse(text));
  const std::string format = TRY(value.String("format", "bundle.format"));
  if (format != kFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("bundle: expected format {}, found {}", kFormat, format));
  }
  Bundle bundle;
  bundle.created = TRY(ParseTime(TRY(value.String("created", "bundle.created"))));
  Recogniser recogniser(bundle.collateral, &bundle.crl_der);
  for (const json::Value& element : *TRY(value.List("certificates", "bundle.certificates"))) {
    TRY_VOID(recogniser.AddCertificateDer(TRY(Base64Decode(TRY(Text(element, "certificates"))))));
  }
  for (const json::Value& element : *TRY(value.List("crls", "bundle.crls"))) {
    TRY_VOID(recogniser.AddCrlDer(TRY(Base64Decode(TRY(Text(element, "crls"))))));
  }
  for (const json::Value& element : *TRY(value.List("documents", "bundle.documents"))) {
    TRY_VOID(recogniser.AddDocument(TRY(Text(element, "documents"))));
  }
  return bundle;
}

}  // namespace assay
