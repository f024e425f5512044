// Whether an answer from the network comes from its vendor, as far as it proves that by itself.
//
// Not for trust, which the schemes establish: so that an impostor's answer does not take the place
// of a good one in the store.
#pragma once

#include <vector>

#include "collateral/answer.h"
#include "tee/core/scheme.h"

namespace assay {

// An Error for Intel's documents and PCK CRLs and AMD's chains, when they do not end at a trusted
// root. Other pieces come without their issuers, and pass.
Result<void> CheckIssuers(const Piece& piece, const Content& content, const TrustedRoots& roots);

// For the pieces that come without their issuers (the root's list, AMD's list and leaf): among
// `known` is an issuer of that name that ends at a trusted root, and none such signed the piece.
bool IsImpostor(const Piece& piece, const Content& content,
                const std::vector<CertificatePtr>& known, const TrustedRoots& roots);

}  // namespace assay
