#include "simulate/tpm_key.h"

#include "simulate/tpm_quote.h"

namespace assay::simulate {

Result<Bytes> AttestationKeyArea(const VendorKey& key, const Order& order) {
  // fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign
  constexpr std::uint32_t kAttestationKey = 0x00050072, kRestricted = 1U << 16U;
  const std::uint32_t attributes =
      order.fault == "ak.attributes" ? kAttestationKey & ~kRestricted : kAttestationKey;
  const Bytes point = TRY(key.Point());
  Bytes out;
  AppendBe(out, 0x0023, 2);  // ECC
  AppendBe(out, kSha256, 2);
  AppendBe(out, attributes, 4);
  AppendSized(out, {});      // no policy
  AppendBe(out, 0x0010, 2);  // no symmetric algorithm
  AppendBe(out, 0x0018, 2);  // ECDSA
  AppendBe(out, kSha256, 2);
  AppendBe(out, 0x0003, 2);  // NIST P-256
  AppendBe(out, 0x0010, 2);  // no KDF
  AppendSized(out, View(point).first(32));
  AppendSized(out, View(point).subspan(32));
  return out;
}

Result<Bytes> SignatureOf(View quote, const VendorKey& key, const Order& order) {
  const bool sha1 = order.fault == "quote.hash";
  const Bytes raw = sha1 ? TRY(key.SignEcdsaDigest(Sha1(quote))) : TRY(key.SignEcdsa(quote));
  Bytes out;
  AppendBe(out, 0x0018, 2);
  AppendBe(out, sha1 ? kSha1 : kSha256, 2);
  AppendSized(out, View(raw).first(32));
  AppendSized(out, View(raw).subspan(32));
  return out;
}

Bytes NameOfArea(View public_area) {
  Bytes out;
  AppendBe(out, kSha256, 2);
  Append(out, Sha256(public_area));
  return out;
}

}  // namespace assay::simulate
