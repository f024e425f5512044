// The keys and certificates a service keeps across restarts, made at its first start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "server/token_keys.h"

namespace assay {

struct ServiceState {
  std::shared_ptr<const KeyRing> keys;
  // Those of `keys` that are published now. The first one signs. The other, if there is one, signed
  // before the algorithm was changed: it is published as long as its files are there, so that its
  // tokens stay verifiable.
  std::vector<TokenSigner> signers;
  std::string ca_file;        // what clients must trust; empty when TLS files were given
  std::string tls_cert_file;  // chain
  std::string tls_key_file;
};

// `host` is a further name in the server certificate, beside localhost and 127.0.0.1.
Result<ServiceState> OpenStateDir(const std::string& path, const std::string& issuer,
                                  const std::string& host, bool make_tls, TokenAlgorithm algorithm,
                                  Time now);

}  // namespace assay
