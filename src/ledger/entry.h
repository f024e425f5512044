// An entry: the leaf that the tree commits to, and the body that rests under the ledger's data key.
//
// The leaf is the deterministic CBOR array [1, time, commitment], with
// commitment = SHA-256(salt ‖ body) and a random salt of 32 bytes. Who has body and salt can prove
// what the entry says; who has the leaf alone cannot find the body by guessing. Salt and body go
// together when an entry is redacted; the leaf stays, and with it every proof. The leaf of an entry
// of an application is [1, time, commitment, claims]: claims is the digest of what its receipt
// claims (ledger/ccf_claim.h).
//
// Salt ‖ body are sealed by AES-256-GCM under a key of this entry alone,
// HMAC-SHA256(data key, "assay ledger entry" ‖ commitment), with the leaf as additional data:
// sealed bodies cannot change places.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/time.h"
#include "crypto/secret.h"
#include "ledger/merkle.h"

namespace assay::ledger {

inline constexpr std::size_t kSaltBytes = 32;
inline constexpr std::size_t kDataKeyBytes = 32;

struct Leaf {
  Time time{};
  Hash commitment{};
  std::optional<Hash> claims = std::nullopt;
};
Bytes EncodeLeaf(const Leaf& leaf);
Result<Leaf> DecodeLeaf(View bytes);

struct OpenedBody {
  Bytes salt;
  Bytes body;
};
Hash Commit(View salt, View body);

struct SealedEntry {
  Bytes leaf;
  Bytes sealed;
};
// The digest of what an entry with that salt claims.
using ClaimsOf = std::function<Hash(View salt)>;
Result<SealedEntry> SealEntry(const SecretBytes& data_key, Time time, View body,
                              const ClaimsOf& claims = nullptr);
// kInvalidArgument unless it was sealed for that leaf under that key, and fits its commitment.
Result<OpenedBody> OpenEntry(const SecretBytes& data_key, View leaf, View sealed);

}  // namespace assay::ledger
