// The answer to a granted release: the JSON Web Signature of Azure Key Vault's KeyReleaseResult.
//
//   header   alg, kid, x5t, typ, x5t#S256, x5c: the signer and its chain
//   payload  request {api-version, enc, kid, nonce}
//            response {key {key {kid, kty, …, key_hsm}, attributes, release_policy}}
//   key_hsm  base64url of {schema_version, header {kid, alg "dir", enc}, ciphertext}
//
// The shape is as recorded from the service; docs/release-policy.md says what differs.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/certificate.h"
#include "crypto/signing_key.h"
#include "release/release.h"

namespace assay::release {

// The key as it is answered when it is asked for: public, and without key_hsm.
struct ReleasedKey {
  json::Object key;  // a JSON Web Key with kid, kty and key_ops
  json::Object attributes;
  json::Object release_policy;
};

struct AnswerSigner {
  SigningKey key;
  std::vector<CertificatePtr> chain;  // the leaf, for `key`, first; at least that one
};

// `wrapped`: the key's material by CKM_RSA_AES_KEY_WRAP, to the grant's runtime key and with the
// hash of the encryption it asks for. Where the key is in an HSM, the HSM has wrapped it.
Result<std::string> AnswerRelease(const Grant& grant, View wrapped, ReleasedKey released,
                                  const AnswerSigner& signer);

}  // namespace assay::release
