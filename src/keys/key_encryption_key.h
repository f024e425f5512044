// The key-encryption key (KEK): under it the vault's data keys rest. One file for each kind.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace assay::keys {

// Safe for concurrent use.
class KeyEncryptionKey {
 public:
  KeyEncryptionKey() = default;
  virtual ~KeyEncryptionKey() = default;
  KeyEncryptionKey(const KeyEncryptionKey&) = delete;
  KeyEncryptionKey& operator=(const KeyEncryptionKey&) = delete;

  // Names it among those of its keeper; stands beside all that it wraps.
  virtual std::string id() const = 0;
  // `context` says what the secret is for: it is authenticated and has to be the same again.
  virtual Result<Bytes> Wrap(View context, const SecretBytes& secret) = 0;
  // kInvalidArgument when it was not wrapped so.
  virtual Result<SecretBytes> Unwrap(View context, View wrapped) = 0;
};

using KekPtr = std::shared_ptr<KeyEncryptionKey>;

// Where KEKs are. Safe for concurrent use.
class KekKeeper {
 public:
  KekKeeper() = default;
  virtual ~KekKeeper() = default;
  KekKeeper(const KekKeeper&) = delete;
  KekKeeper& operator=(const KekKeeper&) = delete;

  // A new one, durable when this returns.
  virtual Result<KekPtr> Make() = 0;
  // kMissing if there is none of that id.
  virtual Result<KekPtr> Find(const std::string& id) = 0;
};

}  // namespace assay::keys
