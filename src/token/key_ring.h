// The service's token keys over time: which one signs now, and which are published.
//
// A key is published before it signs, so that relying parties that keep a key set know it by then,
// and after it signed, so that its last tokens stay verifiable.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "token/jwks.h"

namespace assay {

struct RingKey {
  TokenSigner signer;
  Time signs_from{};
  std::optional<Time> published_until;  // nothing: until another takes its place
  bool may_sign = true;                 // false: of an algorithm that is no longer chosen
};

// Immutable; all depends on the time that is asked for. Holds at least one key that may sign.
class KeyRing {
 public:
  // An error without a key that may sign.
  static Result<KeyRing> Make(std::vector<RingKey> keys);
  // The first signs, always; the others are published.
  explicit KeyRing(std::vector<TokenSigner> signers);

  const TokenSigner& SignerAt(Time now) const;
  // The signer first; then those that follow it or went before.
  std::vector<TokenSigner> PublishedAt(Time now) const;

 private:
  explicit KeyRing(std::vector<RingKey> keys) : keys_(std::move(keys)) {}
  const RingKey& Current(Time now) const;

  std::vector<RingKey> keys_;
};

}  // namespace assay
