// Fields of certificates that are made here. Included by sources of crypto/ only.
#pragma once

#include "crypto/openssl_ptr.h"

namespace assay {

// 16 bytes: random, positive, of constant length. False when OpenSSL fails, as below.
bool SetRandomSerial(X509* x509);
// `value` as OpenSSL's x509v3_config(5) has it; a null issuer: self-signed.
bool AddExtension(X509* x509, X509* issuer, int nid, const char* value);

}  // namespace assay
