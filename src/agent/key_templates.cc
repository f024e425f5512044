#include "agent/key_templates.h"

#include <algorithm>
#include <array>
#include <span>

namespace assay::agent {
namespace {

constexpr TPMA_OBJECT kStorageKey = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                                    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;

// PolicyA with SHA-256: TPM2_PolicySecret(TPM_RH_ENDORSEMENT), annex B.
constexpr std::array<BYTE, 32> kPolicyA = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xB3, 0xF8, 0x1A, 0x90, 0xCC, 0x8D, 0x46, 0xA5, 0xD7, 0x24,
    0xFD, 0x52, 0xD7, 0x6E, 0x06, 0x52, 0x0B, 0x64, 0xF2, 0xA1, 0xDA, 0x1B, 0x33, 0x14, 0x69, 0xAA};
// PolicyB with SHA-384: PolicyA or an authorised policy, annex B.
constexpr std::array<BYTE, 48> kPolicyB384 = {
    0xB2, 0x6E, 0x7D, 0x28, 0xD1, 0x1A, 0x50, 0xBC, 0x53, 0xD8, 0x82, 0xBC, 0xF5, 0xFD, 0x3A, 0x1A,
    0x07, 0x41, 0x48, 0xBB, 0x35, 0xD3, 0xB4, 0xE4, 0xCB, 0x1C, 0x0A, 0xD9, 0xBD, 0xE4, 0x19, 0xCA,
    0xCB, 0x47, 0xBA, 0x09, 0x69, 0x96, 0x46, 0x15, 0x0F, 0x9F, 0xC0, 0x00, 0xF3, 0xF8, 0x0E, 0x12};

constexpr UINT16 kP256Bytes = 32;           // of one coordinate
constexpr UINT16 kRsa2048Bytes = 2048 / 8;  // of a modulus

void SetPolicy(TPMT_PUBLIC& area, std::span<const BYTE> policy) {
  area.authPolicy.size = static_cast<UINT16>(policy.size());
  std::copy(policy.begin(), policy.end(), area.authPolicy.buffer);
}

TPMT_SYM_DEF_OBJECT AesCfb(TPMI_AES_KEY_BITS bits) {
  TPMT_SYM_DEF_OBJECT out{};
  out.algorithm = TPM2_ALG_AES;
  out.keyBits.aes = bits;
  out.mode.aes = TPM2_ALG_CFB;
  return out;
}

TPMT_PUBLIC Ecc(TPMI_ECC_CURVE curve, TPMI_ALG_HASH name, TPMA_OBJECT attributes) {
  TPMT_PUBLIC out{};
  out.type = TPM2_ALG_ECC;
  out.nameAlg = name;
  out.objectAttributes = attributes;
  out.parameters.eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
  out.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
  out.parameters.eccDetail.curveID = curve;
  out.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

}  // namespace

EkTemplate EkRsa2048() {
  EkTemplate out{"RSA 2048, template L-1", 0x01C00002, 0x81010001, {}};
  TPMT_PUBLIC& area = out.area.publicArea;
  area.type = TPM2_ALG_RSA;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = kStorageKey;
  SetPolicy(area, kPolicyA);
  area.parameters.rsaDetail.symmetric = AesCfb(128);
  area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
  area.parameters.rsaDetail.keyBits = 2048;
  area.unique.rsa.size = kRsa2048Bytes;  // unique: zeros of the modulus' size
  return out;
}

EkTemplate EkEccP256() {
  EkTemplate out{"ECC P-256, template L-2", 0x01C0000A, 0x81010002, {}};
  TPMT_PUBLIC& area = out.area.publicArea;
  area = Ecc(TPM2_ECC_NIST_P256, TPM2_ALG_SHA256, kStorageKey);
  SetPolicy(area, kPolicyA);
  area.parameters.eccDetail.symmetric = AesCfb(128);
  area.unique.ecc.x.size = kP256Bytes;  // unique: zeros of the coordinates' size
  area.unique.ecc.y.size = kP256Bytes;
  return out;
}

EkTemplate EkEccP384() {
  EkTemplate out{"ECC P-384, template H-3", 0x01C00016, 0x81010016, {}};
  TPMT_PUBLIC& area = out.area.publicArea;
  area = Ecc(TPM2_ECC_NIST_P384, TPM2_ALG_SHA384, kStorageKey | TPMA_OBJECT_USERWITHAUTH);
  SetPolicy(area, kPolicyB384);
  area.parameters.eccDetail.symmetric = AesCfb(256);
  return out;  // unique: empty
}

TPM2B_PUBLIC AttestationKeyTemplate() {
  // Into unique, so that no other program that uses the usual template has this very key.
  constexpr std::string_view kLabel = "assay-ak-1";  // zeros behind it
  TPM2B_PUBLIC out{};
  out.publicArea =
      Ecc(TPM2_ECC_NIST_P256, TPM2_ALG_SHA256,
          TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
              TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT);
  TPMS_ECC_PARMS& parameters = out.publicArea.parameters.eccDetail;
  parameters.scheme.scheme = TPM2_ALG_ECDSA;
  parameters.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  TPMS_ECC_POINT& unique = out.publicArea.unique.ecc;
  unique.x.size = kP256Bytes;
  unique.y.size = kP256Bytes;
  std::copy(kLabel.begin(), kLabel.end(), unique.x.buffer);
  return out;
}

TPM2B_PUBLIC RuntimeKeyTemplate() {
  constexpr std::string_view kLabel = "assay-runtime-1";  // zeros behind it
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_RSA;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                          TPMA_OBJECT_NODA | TPMA_OBJECT_DECRYPT;
  area.parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
  area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
  area.parameters.rsaDetail.keyBits = 2048;
  area.unique.rsa.size = kRsa2048Bytes;
  std::copy(kLabel.begin(), kLabel.end(), area.unique.rsa.buffer);
  return out;
}

}  // namespace assay::agent
