// The keys that sign tokens, in the state folder.
//
//   token.key, token.pem       the first key and its certificate
//   token-2.key, token-2.pem   of the first rotation, and so on
//   token.keys.json            which keys there are, and when each signs and is published:
//                              {"keys":[{"file":"token","signsFrom":0,"publishedUntil":1830000000},
//                                       {"file":"token-2","signsFrom":1800000000}]}
//
// Without token.keys.json there is the first key only. A key counts from the moment that file names
// it: it is replaced as a whole, so that after a crash the old or the new schedule holds, and key
// files it does not name are left-overs. ES256 keys lie beside them as token-es256 and so on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "token/key_ring.h"

namespace assay {

enum class TokenAlgorithm { kRs256, kEs256 };

// All keys of the folder; those of `algorithm` may sign. The first is made when there is none; its
// certificate is in the name of `issuer` and begins at `start`.
Result<std::shared_ptr<const KeyRing>> OpenTokenKeys(const std::string& folder,
                                                     const std::string& issuer,
                                                     TokenAlgorithm algorithm, Time start);

struct RotationRequest {
  TokenAlgorithm algorithm = TokenAlgorithm::kRs256;
  Time now{};
  // The old key is not to be believed any longer: the new one signs at once, and the old one is
  // published no more, so that its tokens fail.
  bool compromised = false;
  std::chrono::seconds lead{};  // from publishing to signing
  // Asked after each step; false ends it there, as a crash would. For tests; may be empty.
  std::function<bool()> go_on;
};

struct Rotation {
  std::string kid;
  Time signs_from{};
  Time old_published_until{};
};

// A new key and schedule. Refused while an earlier rotation has not come to its end, while another
// process rotates, or when the folder has no token key. A running service takes it on SIGHUP.
Result<Rotation> RotateTokenKeys(const std::string& folder, const RotationRequest& request);

}  // namespace assay
