// TLS client certificates (RFC 8446 §4.3.2): asked for, verified, and never required: who may do
// what is decided above.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace assay {

// From now on connections of this context ask for a certificate. Under the CAs of the PEM file it
// is verified; without one it is not. `any`: clients are not told those CAs, as some send no
// certificate then but one of theirs.
Result<void> AskForClientCertificates(ssl_ctx_st* context, const std::string& ca_file, bool any);

struct TlsPeer {
  Bytes certificate;  // DER of the leaf; only when its chain is verified
  std::string fault;  // why the certificate that came is not accepted
  Bytes presented;    // DER of the leaf that came, accepted or not
};

// After the handshake.
TlsPeer PeerOf(ssl_st* ssl);

}  // namespace assay
