// Intel's signed JSON documents: {"tcbInfo": {…}, "signature": "<128 hex digits>"} and the same
// with "enclaveIdentity" (in old editions "qeIdentity"). The signature is over the exact bytes of
// the inner object as received.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "evidence/collateral.h"
#include "tee/dcap/qe_identity.h"
#include "tee/dcap/tcb_info.h"

namespace assay::dcap {

struct SignedDocument {
  Sha256Digest digest{};                  // of the whole document
  Sha256Digest body_digest{};             // SHA-256 of the inner object: what is signed
  ByteArray<64> signature{};              // r ‖ s
  std::string validity;                   // "2025-06-04T… to 2025-07-04T…"
  std::optional<TcbInfo> tcb_info;        // exactly one
  std::optional<QeIdentity> qe_identity;  // of the two
};

Result<SignedDocument> ParseSignedDocument(const JsonDocument& document);

}  // namespace assay::dcap
