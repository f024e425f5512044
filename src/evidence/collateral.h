// Endorsements and reference values that a verification is given: untrusted until a scheme has
// verified them. It does not matter who delivered them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"

namespace assay {

// A vendor's signed JSON document (Intel TCB info, QE identity), kept as received because its
// signature covers its exact bytes.
struct JsonDocument {
  std::string text;
  Sha256Digest digest{};  // of text: the key under which its verified form is cached
};

// What vendors publish separately.
enum class CollateralPiece {
  kTcbInfo,
  kQeIdentity,
  kPckCrl,
  kRootCrl,   // Intel's root
  kAmdLeaf,   // VCEK
  kAmdChain,  // ASK or ASVK, and ARK
  kAmdCrl,
};

std::string_view PieceName(CollateralPiece piece);  // "TCB info"

// Why a piece could not be had, or not be renewed: for the check that misses it.
struct MissingPiece {
  CollateralPiece piece = CollateralPiece::kTcbInfo;
  std::string why;
};

struct Collateral {
  std::vector<CertificatePtr> certificates;
  std::vector<CrlPtr> crls;
  std::vector<std::shared_ptr<const JsonDocument>> documents;
  std::vector<MissingPiece> missing = {};
};

// "; " and why that piece is missing; empty when nothing is known of it.
std::string WhyMissing(const Collateral& collateral, CollateralPiece piece);

}  // namespace assay
