#include "crypto/ecdh.h"

#include <openssl/err.h>

#include "crypto/ec_point.h"

namespace assay {
namespace {

Result<SecretBytes> Agree(EVP_PKEY* own, EVP_PKEY* peer, std::size_t size) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  SecretBytes z(size);
  std::size_t written = size;
  // The peer's point is validated (§5.6.2.3).
  const bool ok =
      context && EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, 1) == 1 &&
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(z.writable().data()),
                      &written) == 1;
  ERR_clear_error();
  if (!ok || written != size) return Fail(ErrorCode::kInternal, "OpenSSL could not agree on a key");
  return z;
}

}  // namespace

Result<EphemeralAgreement> AgreeEphemerally(const PublicKey& peer) {
  const bool p256 = peer.IsEc(Curve::kP256);
  if (!p256 && !peer.IsEc(Curve::kP384)) {
    return Fail(ErrorCode::kInvalidArgument, "ECDH: expected a key of P-256 or P-384");
  }
  const EvpPkeyPtr own(EVP_EC_gen(p256 ? "P-256" : "P-384"));
  if (!own) return Fail(ErrorCode::kInternal, "OpenSSL could not make an ephemeral key");
  const std::size_t size = p256 ? 32 : 48;
  const Bytes point = TRY(PointOf(own.get()));
  const Bytes peer_point = TRY(PointOf(peer.raw()));
  EphemeralAgreement out;
  out.z = TRY(Agree(own.get(), peer.raw(), size));
  out.x = ToBytes(View(point).first(size));
  out.y = ToBytes(View(point).subspan(size));
  out.peer_x = ToBytes(View(peer_point).first(size));
  return out;
}

}  // namespace assay
