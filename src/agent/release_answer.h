// The service's answer to the release of a key: a JSON Web Signature under the vault's own
// authority (docs/release-policy.md, "The answer"). Pure: text in, wrapped key out.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"

namespace assay::agent {

// As keys are named on the command line: "NAME", or "NAME,VERSION".
struct KeyAddress {
  std::string name;
  std::string version = {};  // empty: the current one
};
Result<KeyAddress> ParseKeyAddress(std::string_view text);

// The hash of OAEP that the agent asks for.
inline constexpr std::string_view kKeyEncryption = "RSA_AES_KEY_WRAP_256";

// What was asked for.
struct ReleaseQuestion {
  KeyAddress key;
  std::string nonce;
};

struct WrappedKey {
  std::string kid;   // of the released key, with its version
  std::string kty;   // "oct", "RSA", "EC"
  Bytes ciphertext;  // an AES key under RSA-OAEP, and the key under that by AES-KWP
};

// Without the check of who signed it, anybody who knows the public runtime key could wrap a key of
// their own to it. The signer's certificate has to be issued by one of `authorities` directly.
Result<WrappedKey> ReadReleaseAnswer(std::string_view answer, const ReleaseQuestion& question,
                                     std::span<const CertificatePtr> authorities, Time now);

}  // namespace assay::agent
