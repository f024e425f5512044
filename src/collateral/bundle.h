// Offline bundle: collateral in one JSON file that is carried to a machine without a network.
//
// {"format":"assay-collateral-1","created":<RFC 3339>,"certificates":[<base64 DER>],
//  "crls":[<base64 DER>],"documents":[<text>]}. Not signed: every piece in it carries its vendor's
// signature, and is judged by that as if it had come over the network.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "collateral/load.h"
#include "evidence/collateral.h"

namespace assay {

struct Bundle {
  Collateral collateral;
  CrlDer crl_der;
  Time created{};
};

// kMissing: the DER of a CRL is not in bundle.crl_der.
Result<std::string> ExportBundle(const Bundle& bundle);
// Order and bytes of every piece are those of the export.
Result<Bundle> ImportBundle(std::string_view text);

}  // namespace assay
