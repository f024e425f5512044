#include "token/key_ring.h"

#include <algorithm>

namespace assay {

Result<KeyRing> KeyRing::Make(std::vector<RingKey> keys) {
  const bool any =
      std::any_of(keys.begin(), keys.end(), [](const RingKey& key) { return key.may_sign; });
  if (!any) return Fail(ErrorCode::kMissing, "token keys: none may sign");
  return KeyRing(std::move(keys));
}

KeyRing::KeyRing(std::vector<TokenSigner> signers) {
  for (TokenSigner& signer : signers) {
    keys_.push_back({std::move(signer), Time{}, std::nullopt, keys_.empty()});
  }
}

// The one that began last. Before all (a clock that was set back), the first: a service without a
// key could only fail.
const RingKey& KeyRing::Current(Time now) const {
  const RingKey* out = nullptr;
  for (const RingKey& key : keys_) {
    if (!key.may_sign) continue;
    const bool better = out == nullptr ||
                        (out->signs_from > now && key.signs_from < out->signs_from) ||
                        (key.signs_from <= now && key.signs_from > out->signs_from);
    if (better) out = &key;
  }
  return *out;
}

const TokenSigner& KeyRing::SignerAt(Time now) const { return Current(now).signer; }

std::vector<TokenSigner> KeyRing::PublishedAt(Time now) const {
  const RingKey& current = Current(now);
  std::vector<TokenSigner> out{current.signer};
  for (const RingKey& key : keys_) {
    if (&key == &current) continue;
    if (key.published_until && now >= *key.published_until) continue;
    out.push_back(key.signer);
  }
  return out;
}

}  // namespace assay
