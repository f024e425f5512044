// Project Wycheproof through the operations of the key vault: AES-KW by wrapKey and unwrapKey of
// imported keys; ECDSA and RSA-PSS by what verify calls once it has the key.
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/digest_signature.h"
#include "keys/operations.h"
#include "keys/testing.h"
#include "policy/samples.h"

namespace assay::keys {
namespace {

Bytes HexOf(const json::Value& from, std::string_view name) {
  return HexDecode(from.String(name, "suite").value()).value();
}

// By each test: its group, the test, and whether it is "valid".
template <typename Judge>
int ForEach(std::string_view file, const Judge& judge) {
  const auto suite = json::Parse(ReadText(Suites() / "wycheproof" / file)).value();
  int out = 0;
  for (const json::Value& group : **suite.List("testGroups", "suite")) {
    for (const json::Value& test : **group.List("tests", "group")) {
      judge(group, test, test.String("result", "test").value() == "valid");
      ++out;
    }
  }
  std::printf("Wycheproof %s: %d cases by the vault\n", std::string(file).c_str(), out);
  return out;
}

TEST(WycheproofVault, AesKwByWrapKeyAndUnwrapKey) {
  ASSAY_SKIP_WITHOUT(Suites() / "wycheproof" / "aes_wrap_test.json");
  const TestVault it;
  int number = 0;
  const int cases =
      ForEach("aes_wrap_test.json", [&](const json::Value&, const json::Value& test, bool valid) {
        ImportedKey kek;
        kek.kind = KeyKind::kOct;
        kek.oct = SecretBytes(View(HexOf(test, "key")));
        const std::string name = "kek-" + std::to_string(number++);
        const std::string algorithm = "A" + std::to_string(kek.oct.size() * 8) + "KW";
        ASSERT_TRUE(it.vault->Import(name, kek, {}, kNoon));
        OperationRequest unwrap{Operation::kUnwrapKey, algorithm, HexOf(test, "ct")};
        const auto unwrapped = Perform(*it.vault, name, "", unwrap, kNoon);
        ASSERT_EQ(unwrapped.has_value(), valid) << *test.Find("tcId")->AsInt();
        if (!valid) return;
        const Bytes key = HexOf(test, "msg");
        EXPECT_TRUE(Equal(unwrapped->value.view(), key));
        OperationRequest wrap{Operation::kWrapKey, algorithm, key};
        EXPECT_TRUE(Equal(Perform(*it.vault, name, "", wrap, kNoon)->value.view(), unwrap.value));
      });
  EXPECT_GT(cases, 150);
}

Bytes DigestOf(std::size_t size, View message) {
  return size == 32 ? ToBytes(Sha256(message)) : ToBytes(Sha384(message));
}

// x and y of an uncompressed point (SEC 1 §2.3.3).
AsymmetricKey EcOf(const json::Value& group, NamedCurve curve) {
  const Bytes point = HexOf(*group.Find("publicKey"), "uncompressed");
  const View coordinates = View(point).subspan(1);
  const std::size_t half = coordinates.size() / 2;
  return AsymmetricKey::FromEc(
             {curve, ToBytes(coordinates.first(half)), ToBytes(coordinates.subspan(half))})
      .value();
}

void JudgeSignature(const AsymmetricKey& key, DigestSignature algorithm, const json::Value& test,
                    bool valid) {
  const Bytes digest = DigestOf(DigestBytes(algorithm), HexOf(test, "msg"));
  const auto verified = VerifyDigest(key, algorithm, digest, HexOf(test, "sig"));
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(*verified, valid) << Name(algorithm) << " " << *test.Find("tcId")->AsInt();
}

TEST(WycheproofVault, EcdsaByVerify) {
  ASSAY_SKIP_WITHOUT(Suites() / "wycheproof" / "ecdsa_secp256r1_sha256_p1363_test.json");
  const int p256 = ForEach("ecdsa_secp256r1_sha256_p1363_test.json",
                           [](const json::Value& group, const json::Value& test, bool valid) {
                             JudgeSignature(EcOf(group, NamedCurve::kP256), DigestSignature::kEs256,
                                            test, valid);
                           });
  const int p384 = ForEach("ecdsa_secp384r1_sha384_p1363_test.json",
                           [](const json::Value& group, const json::Value& test, bool valid) {
                             JudgeSignature(EcOf(group, NamedCurve::kP384), DigestSignature::kEs384,
                                            test, valid);
                           });
  EXPECT_GT(p256, 200);
  EXPECT_GT(p384, 200);
}

TEST(WycheproofVault, RsaPssByVerify) {
  ASSAY_SKIP_WITHOUT(Suites() / "wycheproof" / "rsa_pss_4096_sha384_mgf1_48_test.json");
  const int cases = ForEach("rsa_pss_4096_sha384_mgf1_48_test.json",
                            [](const json::Value& group, const json::Value& test, bool valid) {
                              Bytes modulus = HexOf(*group.Find("publicKey"), "modulus");
                              const Bytes exponent =
                                  HexOf(*group.Find("publicKey"), "publicExponent");
                              JudgeSignature(AsymmetricKey::FromRsa({modulus, exponent}).value(),
                                             DigestSignature::kPs384, test, valid);
                            });
  EXPECT_GT(cases, 50);
}

}  // namespace
}  // namespace assay::keys
