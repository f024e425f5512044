// Compact JWS and key sets. No key that signed anything is known to the input's author, so nothing
// may ever verify; the first byte chooses what is read.
#include <cstdlib>

#include "crypto/signing_key.h"
#include "token/jws_verify.h"

namespace {

using namespace assay;

struct Fixture {
  VerificationKey key = MakeKey();

  static VerificationKey MakeKey() {
    const SigningKey signing = SigningKey::Generate(KeyType::kP256).value();
    const PublicParameters parts = signing.Public().value();
    Bytes point = parts.x;
    Append(point, parts.y);
    return {"", PublicKey::FromPoint(Curve::kP256, point).value(), {JwsAlgorithm::kEs256}};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  if (size == 0) return 0;
  const std::string_view text = AsText(std::as_bytes(std::span(data + 1, size - 1)));
  if (data[0] % 2 == 0) {
    const auto keys = ParseJwks(text);
    if (keys && keys->empty()) std::abort();
    return 0;
  }
  const auto jws = ParseJws(text);
  if (!jws) return 0;
  static_cast<void>(jws->ClaimedIssuer());
  if (VerifyJws(*jws, fixture.key)) std::abort();
  if (VerifyJwsByCertificate(*jws, {}, Time{})) std::abort();
  return 0;
}
