// AES in cipher block chaining mode (NIST SP 800-38A §6.2). It hides and does not authenticate.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace assay {

enum class CbcPadding {
  kNone,   // the text is a multiple of 16 bytes
  kPkcs7,  // RFC 5652 §6.3
};

// kInvalidArgument for an IV that is not of 16 bytes, and for a text that needs padding where there
// is none.
Result<void> CheckCbcText(View iv, CbcPadding padding, View plain);

// A key of 16, 24 or 32 bytes, an IV of 16.
Result<Bytes> EncryptAesCbc(View key, View iv, CbcPadding padding, View plain);
// One error for whatever is wrong with the text: what differs would help to guess.
Result<SecretBytes> DecryptAesCbc(View key, View iv, CbcPadding padding, View text);

}  // namespace assay
