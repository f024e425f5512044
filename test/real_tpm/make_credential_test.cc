// What MakeCredential makes, a real TPM activates; and nothing else.
#include "tee/tpm/make_credential.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "real_tpm/tpm_in_process.h"

namespace assay::testing {
namespace {

Bytes Hex(const std::string& text) { return HexDecode(text).value(); }

// fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted; decrypt or sign.
const std::string kStorageAttributes = "00030072", kSigningAttributes = "00050072";

struct KeyKind {
  const char* name;
  std::string parameters;  // type and name algorithm
  std::string details;     // symmetric definition to the end
};

// The templates of the EK Credential Profile: L-1, L-2, H-3, and RSA 2048 and 3072 with SHA-384.
const KeyKind kKinds[] = {
    {"Rsa2048Sha256", "0001000b",
     "000600800043"
     "0010"
     "0800"
     "00000000"
     "0000"},
    {"Rsa2048Sha384", "0001000c",
     "000601000043"
     "0010"
     "0800"
     "00000000"
     "0000"},
    {"Rsa3072Sha384", "0001000c",
     "000601000043"
     "0010"
     "0c00"
     "00000000"
     "0000"},
    {"P256Sha256", "0023000b",
     "000600800043"
     "0010"
     "0003"
     "0010"
     "0000"
     "0000"},
    {"P384Sha384", "0023000c",
     "000601000043"
     "0010"
     "0004"
     "0010"
     "0000"
     "0000"},
};

class MakeCredentialOnATpm : public ::testing::TestWithParam<KeyKind> {
 protected:
  TpmObject EndorsementKey() {
    return tpm_.CreatePrimary(
        Hex(GetParam().parameters + kStorageAttributes + "0000" + GetParam().details));
  }
  TpmObject AttestationKey() {
    return tpm_.CreatePrimary(Hex("0023000b" + kSigningAttributes +
                                  "0000"
                                  "0010"
                                  "0018"
                                  "000b"
                                  "0003"
                                  "0010"
                                  "0000"
                                  "0000"));
  }

  TpmInProcess tpm_;
};

TEST_P(MakeCredentialOnATpm, IsActivatedWithTheRightName) {
  const TpmObject ek = EndorsementKey();
  const TpmObject ak = AttestationKey();
  const auto area = tpm::ParsePublicArea(ek.public_area);
  ASSERT_TRUE(area) << area.error().message;
  const Bytes name = tpm::ParsePublicArea(ak.public_area)->Name();
  const SecretBytes secret = RandomSecret(32).value();
  const auto credential = tpm::MakeCredential(*area, name, secret.view());
  ASSERT_TRUE(credential) << credential.error().message;
  const auto activated = tpm_.Activate(ak, ek, *credential);
  ASSERT_TRUE(activated) << activated.error().message;
  EXPECT_TRUE(SecretEqual(*activated, secret.view()));
}

TEST_P(MakeCredentialOnATpm, IsRefusedForAnotherName) {
  const TpmObject ek = EndorsementKey();
  const TpmObject ak = AttestationKey();
  const auto area = tpm::ParsePublicArea(ek.public_area);
  ASSERT_TRUE(area) << area.error().message;
  Bytes name = tpm::ParsePublicArea(ak.public_area)->Name();
  name.back() ^= std::byte{1};
  const auto credential = tpm::MakeCredential(*area, name, Bytes(32, std::byte{7})).value();
  const auto activated = tpm_.Activate(ak, ek, credential);
  ASSERT_FALSE(activated);
  // TPM_RC_INTEGRITY of the first parameter (Part 3, 12.5.1; Part 2, 6.6.3).
  EXPECT_EQ(activated.error().message, "TPM: 0x1df");
}

INSTANTIATE_TEST_SUITE_P(EveryKey, MakeCredentialOnATpm, ::testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace assay::testing
