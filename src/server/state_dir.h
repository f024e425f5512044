// The keys and certificates a service keeps across restarts, made at its first start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "provider/provider.h"
#include "server/key_files.h"
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

// The TLS files of a service in that folder, made under the folder's own authority. `host` as
// above.
struct TlsFiles {
  std::string ca_file;    // what clients must trust
  std::string cert_file;  // chain
  std::string key_file;
};
Result<TlsFiles> OpenTlsFiles(const std::string& path, const std::string& host, Time now);

// The folder's own certificate authority, which clients are told to trust; made if it is not there.
Result<KeyPair> OpenLocalAuthority(const std::string& path, Time start);

// The authority of machines' certificates. Another than the folder's own, which vouches for this
// service: no machine may stand in its place.
Result<KeyPair> OpenMachineAuthority(const std::string& path, Time start);

// Where the providers of a state folder are kept, and where the keys of one are. Its id is part of
// the folder's name: a provider that is made again under an old name never finds old keys.
std::string ProviderStoreFile(const std::string& state_dir);
std::string EvidenceStoreFile(const std::string& state_dir);
std::string MachineStoreFile(const std::string& state_dir);
std::string KeyStoreFile(const std::string& state_dir);
std::string LedgerStoreFile(const std::string& state_dir);
std::string ProviderFolder(const std::string& state_dir, const Provider& provider);

// The folder itself, 0700.
Result<void> MakeStateDir(const std::string& path);

}  // namespace assay
