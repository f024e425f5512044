// From a need to the pieces that answer it: where each is published and where the store keeps it.
//
// Request forms: Intel PCS API v4 and PCCS v4 ("Intel SGX PCCS design guide"), AMD 57230 §4 (KDS
// v1). Needs come from untrusted evidence, so that every part is checked before it becomes a part
// of a URL or a path.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/collateral.h"
#include "evidence/needs.h"

namespace assay {

struct Hosts {
  std::string intel_url = "https://api.trustedservices.intel.com";
  // Intel publishes its root's list, in spite of the name, beside and not inside of the PCS.
  std::string intel_root_crl_url =
      "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
  std::string amd_url = "https://kdsintf.amd.com";
};

// A PCCS answers for the PCS, and for the root's list too. `url` with or without the API's path.
void UsePccs(std::string url, Hosts& hosts);

// Needs without evidence. `reported_tcb`: the eight bytes of REPORTED_TCB as they stand in a
// report; `chip_id` and it may both be empty, for what all chips of a product share.
Result<AmdNeed> AmdNeedOf(const std::string& product, View chip_id, View reported_tcb);

struct Piece {
  CollateralPiece kind = CollateralPiece::kTcbInfo;
  std::string path;  // in the store, relative
  std::string url;
  CollateralNeeds need;   // what the answer must be for
  std::string product{};  // AMD: of need.products the one asked for
};

Result<std::vector<Piece>> IntelPieces(const Hosts& hosts, const IntelNeed& need);
// The leaf comes first, unless it is not to be had: who asks for it learns whether the product is
// right.
Result<std::vector<Piece>> AmdPieces(const Hosts& hosts, const AmdNeed& need,
                                     const std::string& product);
// All of them, for people: with several possible products those of each.
Result<std::vector<Piece>> PiecesOf(const Hosts& hosts, const CollateralNeeds& needs);

}  // namespace assay
