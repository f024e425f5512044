// Keys of a token, ready to be used: everything is done in the token. Included by sources over
// PKCS#11 alone.
#pragma once

#include <memory>

#include "keys/key.h"
#include "keys/pkcs11_hsm.h"
#include "keys/pkcs11_session.h"
#include "keys/usable_key.h"

namespace assay::keys {

struct TokenPair {
  CK_OBJECT_HANDLE private_key = 0, public_key = 0;
};

UsableKeyPtr MakeTokenPair(std::shared_ptr<Pkcs11Token> token, TokenPair pair,
                           const KeyVersion& version, KwpOfToken kwp);
UsableKeyPtr MakeTokenOct(std::shared_ptr<Pkcs11Token> token, CK_OBJECT_HANDLE key, KwpOfToken kwp);

}  // namespace assay::keys
