// scrypt (RFC 7914): a key of a passphrase, at a cost to whoever guesses.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace assay {

struct ScryptCost {
  unsigned log_n = 17;  // 2^log_n blocks of 128 · r bytes; at most limits::kScryptLogNMost
  unsigned r = 8;
  unsigned p = 1;
};

// kInvalidArgument for a cost beyond the limits.
Result<SecretBytes> Scrypt(View passphrase, View salt, const ScryptCost& cost, std::size_t size);

}  // namespace assay
