// Endorsements and reference values that a verification is given: untrusted until a scheme has
// verified them. It does not matter who delivered them.
#pragma once

#include <memory>
#include <string>
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

struct Collateral {
  std::vector<CertificatePtr> certificates;
  std::vector<CrlPtr> crls;
  std::vector<std::shared_ptr<const JsonDocument>> documents;
};

}  // namespace assay
