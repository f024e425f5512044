#include "release/runtime_key.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/jose.h"
#include "release/authority_testing.h"

namespace assay::release {
namespace {

using namespace testing;

std::string VerdictOn(const json::Value& claims) {
  const auto key = FindRuntimeKey(claims);
  return key ? key->kid : std::string(Name(std::get<Denial>(key.error().why).reason));
}

std::string Chosen(json::Array keys) {
  return VerdictOn(TokenClaims(kIssuerA, "{}", std::move(keys)));
}

json::Object Good(const std::string& kid = "k") { return JwkOf(EnvironmentKey(), kid); }

std::string ChosenWith(std::string_view name, json::Value value) {
  return Chosen({With(Good(), name, std::move(value))});
}

// Any odd modulus of that size: the checks come before any use of it.
std::string Modulus(std::size_t bytes) {
  Bytes n(bytes, std::byte{0xA5});
  return Base64UrlEncode(n);
}

TEST(RuntimeKey, IsTheFirstForEncryption) {
  EXPECT_EQ(Chosen({Good("first"), Good("second")}), "first");
  EXPECT_EQ(Chosen({With(Good("sign"), "key_ops", json::Array{"sign"}), Good("second")}), "second");
  EXPECT_EQ(FindRuntimeKey(TokenClaims(AuthorityA()))->key.SpkiDigest(),
            RsaPublicKey(EnvironmentKey().Public()->n, EnvironmentKey().Public()->e)->SpkiDigest());
}

TEST(RuntimeKey, IsMarkedByUseOrByOperations) {
  const json::Object unmarked = With(Good(), "key_ops", nullptr);
  EXPECT_EQ(Chosen({unmarked}), "RuntimeKeyAbsent");
  EXPECT_EQ(Chosen({With(unmarked, "use", "enc")}), "k");
  EXPECT_EQ(Chosen({With(unmarked, "key_use", "enc")}), "k");
  EXPECT_EQ(Chosen({With(unmarked, "key_use", json::Array{"enc"})}), "k");
  EXPECT_EQ(ChosenWith("key_ops", json::Array{"verify", "wrapKey"}), "k");
  EXPECT_EQ(ChosenWith("key_ops", json::Array{"verify"}), "RuntimeKeyAbsent");
  EXPECT_EQ(Chosen({With(unmarked, "use", "sig")}), "RuntimeKeyAbsent");
}

TEST(RuntimeKey, IsTakenOfItsOwnPlaceOnly) {
  EXPECT_EQ(VerdictOn(Json("{}")), "RuntimeKeyAbsent");
  EXPECT_EQ(VerdictOn(Json(R"({"x-ms-runtime":{}})")), "RuntimeKeyAbsent");
  EXPECT_EQ(VerdictOn(Json(R"({"x-ms-runtime":{"keys":7}})")), "RuntimeKeyAbsent");
  EXPECT_EQ(Chosen({}), "RuntimeKeyAbsent");
  EXPECT_EQ(Chosen({"text", 7, json::Array{}}), "RuntimeKeyAbsent");
  const json::Object keys{{"keys", json::Array{Good()}}};
  EXPECT_EQ(VerdictOn(keys), "RuntimeKeyAbsent");
  EXPECT_EQ(VerdictOn(json::Object{{"x-ms-runtime.keys", json::Array{Good()}}}),
            "RuntimeKeyAbsent");
  EXPECT_EQ(VerdictOn(json::Object{{"x-ms-isolation-tee", json::Object{{"x-ms-runtime", keys}}}}),
            "RuntimeKeyAbsent");
}

TEST(RuntimeKey, IsRefusedWhenItIsAmbiguous) {
  EXPECT_EQ(Chosen({Good("k"), Good("k")}), "RuntimeKeyAmbiguous");
  EXPECT_EQ(ChosenWith("use", "sig"), "RuntimeKeyAmbiguous");
  EXPECT_EQ(ChosenWith("key_use", "sig"), "RuntimeKeyAmbiguous");
  EXPECT_EQ(Chosen({With(With(Good(), "use", "enc"), "key_ops", json::Array{"sign"})}),
            "RuntimeKeyAmbiguous");
  EXPECT_EQ(Chosen({Good("k"), With(Good("k"), "key_ops", json::Array{"sign"})}), "k");
}

TEST(RuntimeKey, IsRefusedWhenItIsNoRsaKey) {
  EXPECT_EQ(ChosenWith("kty", "EC"), "RuntimeKeyNotRsa");
  EXPECT_EQ(ChosenWith("kty", "oct"), "RuntimeKeyNotRsa");
  EXPECT_EQ(ChosenWith("kty", nullptr), "RuntimeKeyNotRsa");
  EXPECT_EQ(Chosen({With(Good("ec"), "kty", "EC"), Good("rsa")}), "rsa");
}

TEST(RuntimeKey, IsRefusedWhenItIsWeak) {
  EXPECT_EQ(ChosenWith("n", Modulus(128)), "RuntimeKeyWeak");
  EXPECT_EQ(ChosenWith("n", Modulus(255)), "RuntimeKeyWeak");
  EXPECT_EQ(ChosenWith("n", Modulus(256)), "k");
  // 2047 bits, and 1024 with zeros before them.
  Bytes small(256, std::byte{0x55});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(small)), "RuntimeKeyWeak");
  std::fill_n(small.begin(), 128, std::byte{0});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(small)), "RuntimeKeyWeak");
  Bytes even(256, std::byte{0xA4});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(even)), "RuntimeKeyWeak");
  // No other key takes its place.
  EXPECT_EQ(Chosen({With(Good("weak"), "n", Modulus(128)), Good("strong")}), "RuntimeKeyWeak");
}

TEST(RuntimeKey, IsRefusedWhenItsExponentIsWeak) {
  EXPECT_EQ(ChosenWith("e", "AQ"), "RuntimeKeyExponent");
  EXPECT_EQ(ChosenWith("e", "Aw"), "RuntimeKeyExponent");
  EXPECT_EQ(ChosenWith("e", "AQAA"), "RuntimeKeyExponent");
  EXPECT_EQ(ChosenWith("e", "AAAD"), "RuntimeKeyExponent");
  EXPECT_EQ(ChosenWith("e", Modulus(9)), "RuntimeKeyExponent");
}

TEST(RuntimeKey, IsRefusedWhenItIsMalformed) {
  for (const char* name : {"n", "e", "kid"}) {
    EXPECT_EQ(ChosenWith(name, nullptr), "RuntimeKeyMalformed") << name;
    EXPECT_EQ(ChosenWith(name, 7), "RuntimeKeyMalformed") << name;
    EXPECT_EQ(ChosenWith(name, ""), "RuntimeKeyMalformed") << name;
  }
  EXPECT_EQ(ChosenWith("n", "not base64url!"), "RuntimeKeyMalformed");
  EXPECT_EQ(ChosenWith("n", "AAAA"), "RuntimeKeyMalformed");
  EXPECT_EQ(ChosenWith("n", Modulus(1025)), "RuntimeKeyMalformed");
  EXPECT_EQ(Chosen(json::Array(limits::kJwksKeys + 1, Good())), "RuntimeKeyMalformed");
}

}  // namespace
}  // namespace assay::release
