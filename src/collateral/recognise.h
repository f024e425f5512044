// The recognition of collateral by content, behind collateral/load.h.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "collateral/load.h"
#include "evidence/collateral.h"

namespace assay {

class Recogniser {
 public:
  explicit Recogniser(Collateral& out, CrlDer* crl_der = nullptr);

  Result<void> Add(View content) { return AddContent(content, 0); }

  Result<void> AddCertificateDer(View der);
  Result<void> AddCrlDer(View der);
  Result<void> AddDocument(std::string_view text);

 private:
  // `nesting` counts containers opened: a bundle's member may be a bundle, and no more.
  Result<void> AddContent(View content, int nesting);
  Result<void> AddText(std::string_view text, int nesting);
  Result<void> AddPem(std::string_view text);
  Result<void> AddDer(View der);
  Result<void> AddEncodedDer(std::string_view text);
  Result<void> AddJson(std::string_view text, int nesting);
  Result<void> AddOe(View blob, int nesting);
  // Both take the parsed form beside the text, because a document is kept exactly as it stands.
  void AddObject(const json::Value& object, std::string_view text, int nesting);
  void AddMember(const json::Value& value, int nesting);
  void AddSplitDocuments(const json::Value& object);

  Result<void> CheckRoom() const;
  void Keep(CertificatePtr certificate);
  void Keep(CrlPtr crl, View der);

  Collateral& out_;
  CrlDer* crl_der_;
  std::set<Sha256Digest> seen_;
  std::size_t recognised_ = 0;  // also counts what was there already
  std::vector<Error> broken_;   // at most the first, from inside containers
};

}  // namespace assay
