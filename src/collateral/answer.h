// One answer of a collateral host, and what it says of itself.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "collateral/pieces.h"
#include "evidence/collateral.h"

namespace assay {

// As received.
struct Answer {
  std::string url;  // whom it came from; empty: from a file
  std::string etag;
  Time checked{};  // when its publisher last said that this is current
  Bytes body;
  std::string issuer_chain;  // Intel's header, URL-encoded PEM; empty for others
};

// What is inside, and when. The earliest end of the body and its issuers counts.
struct Content {
  Collateral collateral;
  Time until{};
};

// An Error: this is not what was asked for, but for example a portal's page, or another platform's
// document. Signatures are not looked at: to trust is for the schemes.
Result<Content> ReadAnswer(const Piece& piece, const Answer& answer);

}  // namespace assay
