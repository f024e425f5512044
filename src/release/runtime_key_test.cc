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
  EXPECT_EQ(Chosen({unmarked}), "runtime-key-absent");
  EXPECT_EQ(Chosen({With(unmarked, "use", "enc")}), "k");
  EXPECT_EQ(Chosen({With(unmarked, "key_use", "enc")}), "k");
  EXPECT_EQ(Chosen({With(unmarked, "key_use", json::Array{"enc"})}), "k");
  EXPECT_EQ(ChosenWith("key_ops", json::Array{"verify", "wrapKey"}), "k");
  EXPECT_EQ(ChosenWith("key_ops", json::Array{"verify"}), "runtime-key-absent");
  EXPECT_EQ(Chosen({With(unmarked, "use", "sig")}), "runtime-key-absent");
}

TEST(RuntimeKey, IsTakenOfItsOwnPlaceOnly) {
  EXPECT_EQ(VerdictOn(Json("{}")), "runtime-key-absent");
  EXPECT_EQ(VerdictOn(Json(R"({"x-ms-runtime":{}})")), "runtime-key-absent");
  EXPECT_EQ(VerdictOn(Json(R"({"x-ms-runtime":{"keys":7}})")), "runtime-key-absent");
  EXPECT_EQ(Chosen({}), "runtime-key-absent");
  EXPECT_EQ(Chosen({"text", 7, json::Array{}}), "runtime-key-absent");
  const json::Object keys{{"keys", json::Array{Good()}}};
  EXPECT_EQ(VerdictOn(keys), "runtime-key-absent");
  EXPECT_EQ(VerdictOn(json::Object{{"x-ms-runtime.keys", json::Array{Good()}}}),
            "runtime-key-absent");
  EXPECT_EQ(VerdictOn(json::Object{{"x-ms-isolation-tee", json::Object{{"x-ms-runtime", keys}}}}),
            "runtime-key-absent");
}

TEST(RuntimeKey, IsRefusedWhenItIsAmbiguous) {
  EXPECT_EQ(Chosen({Good("k"), Good("k")}), "runtime-key-ambiguous");
  EXPECT_EQ(ChosenWith("use", "sig"), "runtime-key-ambiguous");
  EXPECT_EQ(ChosenWith("key_use", "sig"), "runtime-key-ambiguous");
  EXPECT_EQ(Chosen({With(With(Good(), "use", "enc"), "key_ops", json::Array{"sign"})}),
            "runtime-key-ambiguous");
  EXPECT_EQ(Chosen({Good("k"), With(Good("k"), "key_ops", json::Array{"sign"})}), "k");
}

TEST(RuntimeKey, IsRefusedWhenItIsNoRsaKey) {
  EXPECT_EQ(ChosenWith("kty", "EC"), "runtime-key-not-rsa");
  EXPECT_EQ(ChosenWith("kty", "oct"), "runtime-key-not-rsa");
  EXPECT_EQ(ChosenWith("kty", nullptr), "runtime-key-not-rsa");
  EXPECT_EQ(Chosen({With(Good("ec"), "kty", "EC"), Good("rsa")}), "rsa");
}

TEST(RuntimeKey, IsRefusedWhenItIsWeak) {
  EXPECT_EQ(ChosenWith("n", Modulus(128)), "runtime-key-weak");
  EXPECT_EQ(ChosenWith("n", Modulus(255)), "runtime-key-weak");
  EXPECT_EQ(ChosenWith("n", Modulus(256)), "k");
  // 2047 bits, and 1024 with zeros before them.
  Bytes small(256, std::byte{0x55});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(small)), "runtime-key-weak");
  std::fill_n(small.begin(), 128, std::byte{0});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(small)), "runtime-key-weak");
  Bytes even(256, std::byte{0xA4});
  EXPECT_EQ(ChosenWith("n", Base64UrlEncode(even)), "runtime-key-weak");
  // No other key takes its place.
  EXPECT_EQ(Chosen({With(Good("weak"), "n", Modulus(128)), Good("strong")}), "runtime-key-weak");
}

TEST(RuntimeKey, IsRefusedWhenItsExponentIsWeak) {
  EXPECT_EQ(ChosenWith("e", "AQ"), "runtime-key-exponent");
  EXPECT_EQ(ChosenWith("e", "Aw"), "runtime-key-exponent");
  EXPECT_EQ(ChosenWith("e", "AQAA"), "runtime-key-exponent");
  EXPECT_EQ(ChosenWith("e", "AAAD"), "runtime-key-exponent");
  EXPECT_EQ(ChosenWith("e", Modulus(9)), "runtime-key-exponent");
}

TEST(RuntimeKey, IsRefusedWhenItIsMalformed) {
  for (const char* name : {"n", "e", "kid"}) {
    EXPECT_EQ(ChosenWith(name, nullptr), "runtime-key-malformed") << name;
    EXPECT_EQ(ChosenWith(name, 7), "runtime-key-malformed") << name;
    EXPECT_EQ(ChosenWith(name, ""), "runtime-key-malformed") << name;
  }
  EXPECT_EQ(ChosenWith("n", "not base64url!"), "runtime-key-malformed");
  EXPECT_EQ(ChosenWith("n", "AAAA"), "runtime-key-malformed");
  EXPECT_EQ(ChosenWith("n", Modulus(1025)), "runtime-key-malformed");
  EXPECT_EQ(Chosen(json::Array(limits::kJwksKeys + 1, Good())), "runtime-key-malformed");
}

}  // namespace
}  // namespace assay::release
