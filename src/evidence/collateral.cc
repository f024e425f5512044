#include "evidence/collateral.h"

namespace assay {

std::string_view PieceName(CollateralPiece piece) {
  switch (piece) {
    case CollateralPiece::kTcbInfo: return "TCB info";
    case CollateralPiece::kQeIdentity: return "QE identity";
    case CollateralPiece::kPckCrl: return "PCK CRL";
    case CollateralPiece::kRootCrl: return "root CRL";
    case CollateralPiece::kAmdLeaf: return "VCEK";
    case CollateralPiece::kAmdChain: return "AMD certificate chain";
    case CollateralPiece::kAmdCrl: return "AMD CRL";
  }
  return "unknown";
}

std::string WhyMissing(const Collateral& collateral, CollateralPiece piece) {
  std::string out;
  for (const MissingPiece& missing : collateral.missing) {
    if (missing.piece == piece) out += "; " + missing.why;
  }
  return out;
}

}  // namespace assay
