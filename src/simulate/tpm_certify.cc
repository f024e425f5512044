#include "simulate/tpm_certify.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "simulate/tpm_key.h"
#include "simulate/tpm_quote.h"

namespace assay::simulate {

Bytes RsaArea(const PublicParameters& key, std::uint32_t attributes, View policy) {
  constexpr std::uint32_t kSign = 1U << 18U;
  Bytes out;
  AppendBe(out, 0x0001, 2);  // RSA
  AppendBe(out, kSha256, 2);
  AppendBe(out, attributes, 4);
  AppendSized(out, policy);
  AppendBe(out, 0x0010, 2);  // no symmetric algorithm
  if ((attributes & kSign) != 0) {
    AppendBe(out, 0x0014, 2);  // RSASSA
    AppendBe(out, kSha256, 2);
  } else {
    AppendBe(out, 0x0010, 2);
  }
  AppendBe(out, 2048, 2);
  AppendBe(out, 0, 4);  // the default exponent
  AppendSized(out, key.n);
  return out;
}

Result<Bytes> EccArea(const VendorKey& key, std::uint32_t attributes) {
  const Bytes point = TRY(key.Point());
  Bytes out;
  AppendBe(out, 0x0023, 2);  // ECC
  AppendBe(out, kSha256, 2);
  AppendBe(out, attributes, 4);
  AppendSized(out, {});      // no policy
  AppendBe(out, 0x0010, 2);  // no symmetric algorithm
  AppendBe(out, 0x0010, 2);  // no scheme
  AppendBe(out, 0x0003, 2);  // NIST P-256
  AppendBe(out, 0x0010, 2);  // no KDF
  AppendSized(out, View(point).first(32));
  AppendSized(out, View(point).subspan(32));
  return out;
}

Bytes PcrPolicyOf(const TpmLogs& logs) {
  Bytes values;
  std::uint32_t bits = 0;
  for (const auto& [pcr, value] : logs.pcrs) {
    Append(values, value);
    bits |= 1U << pcr;
  }
  Bytes preimage(32);
  AppendBe(preimage, 0x0000017F, 4);  // TPM_CC_PolicyPCR
  AppendBe(preimage, 1, 4);
  AppendBe(preimage, kSha256, 2);
  AppendBe(preimage, 3, 1);
  AppendLe(preimage, bits, 3);
  Append(preimage, Sha256(values));
  return ToBytes(Sha256(preimage));
}

Bytes CertificationOf(View name, View signer, View nonce) {
  Bytes out;
  AppendBe(out, 0xFF544347, 4);
  AppendBe(out, 0x8017, 2);
  AppendSized(out, signer);
  AppendSized(out, nonce);
  AppendBe(out, 1'000'100, 8);  // clock
  AppendBe(out, 7, 4);          // resets
  AppendBe(out, 0, 4);          // restarts
  AppendBe(out, 1, 1);          // safe
  AppendBe(out, 0x2026110100000000, 8);
  AppendSized(out, name);
  AppendSized(out, Filler("qualified name", 34));
  return out;
}

Result<json::Value> CertifiedKeyJson(View area, View certification, const VendorKey& signer) {
  const Bytes signature = TRY(SignatureOf(certification, signer, {}));
  return json::Value(json::Object{{"public", Base64UrlEncode(area)},
                                  {"certification", Base64UrlEncode(certification)},
                                  {"signature", Base64UrlEncode(signature)}});
}

}  // namespace assay::simulate
