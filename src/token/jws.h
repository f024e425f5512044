// JSON Web Signatures in compact form (RFC 7515 §7.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "crypto/signing_key.h"

namespace assay {

struct JwsHeader {
  std::string jku;               // left out when empty
  std::string kid;               // left out when empty
  std::string x5t;               // base64url of the certificate's SHA-1; left out when empty
  std::vector<std::string> x5c;  // base64 DER, leaf first; left out when empty
  std::string_view typ = "JWT";  // of the media type (RFC 7515, 4.1.9)
  std::string x5t_s256 = {};     // as x5t, of the SHA-256 (RFC 7515, 4.1.8)
};

// The algorithm is the key's own (RS256 or ES256): no caller and no header chooses it.
Result<std::string> SignJws(const SigningKey& key, const JwsHeader& header,
                            const json::Object& payload);

// {"alg":"none"} and an empty signature (RFC 7519 §6): for what must never be taken for a token of
// this service. Of `header` jku and kid alone are written.
std::string UnsecuredJws(const JwsHeader& header, const json::Object& payload);

}  // namespace assay
