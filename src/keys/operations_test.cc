#include "keys/operations.h"

#include <gtest/gtest.h>

#include <set>

#include "keys/release_export.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

Bytes Text(std::string_view text) { return ToBytes(AsBytes(text)); }

Outcome<OperationResult> Do(const TestVault& it, const std::string& key, Operation operation,
                            const std::string& algorithm, Bytes value, Time now = kNoon) {
  return Perform(*it.vault, key, "", {operation, algorithm, std::move(value)}, now);
}

FaultKind KindOf(const Outcome<OperationResult>& outcome) {
  return outcome ? FaultKind::kInternal : outcome.error().kind;
}

void MakeOct(const TestVault& it, const std::string& name, unsigned bits,
             const KeyProperties& properties = {}) {
  ASSERT_TRUE(it.vault->Create(name, {KeyKind::kOct, bits}, properties, kNoon));
}

TEST(Operations, RsaEncryptsAndWraps) {
  const TestVault it;
  ASSERT_TRUE(it.vault->Create("k", {KeyKind::kRsa, 2048}, {}, kNoon));
  for (const auto* const algorithm : {"RSA-OAEP", "RSA-OAEP-256"}) {
    for (const auto& [seal, open] : {std::pair(Operation::kEncrypt, Operation::kDecrypt),
                                     std::pair(Operation::kWrapKey, Operation::kUnwrapKey)}) {
      const auto sealed = Do(it, "k", seal, algorithm, Text("secret"));
      ASSERT_TRUE(sealed) << sealed.error().message;
      const auto opened = Do(it, "k", open, algorithm, ToBytes(sealed->value.view()));
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(AsText(opened->value.view()), "secret");
    }
  }
}

TEST(Operations, Rsa15IsClosedUnlessTheOperatorOpensIt) {
  const TestVault closed;
  ASSERT_TRUE(closed.vault->Create("k", {KeyKind::kRsa, 2048}, {}, kNoon));
  EXPECT_EQ(KindOf(Do(closed, "k", Operation::kEncrypt, "RSA1_5", Text("secret"))),
            FaultKind::kNotSupported);
  VaultOptions options;
  options.allow_rsa1_5 = true;
  const TestVault open(options);
  ASSERT_TRUE(open.vault->Create("k", {KeyKind::kRsa, 2048}, {}, kNoon));
  const auto sealed = Do(open, "k", Operation::kEncrypt, "RSA1_5", Text("secret"));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(AsText(Do(open, "k", Operation::kDecrypt, "RSA1_5", ToBytes(sealed->value.view()))
                       ->value.view()),
            "secret");
}

TEST(Operations, EachSignatureAlgorithmHoldsForItsKeysAndDigestsOnly) {
  const TestVault it;
  ASSERT_TRUE(it.vault->Create("rsa", {KeyKind::kRsa, 2048}, {}, kNoon));
  it.MakeEc("P-256");
  for (const auto& [name, curve] :
       {std::pair("P-384", NamedCurve::kP384), std::pair("P-521", NamedCurve::kP521),
        std::pair("P-256K", NamedCurve::kP256K)}) {
    ASSERT_TRUE(it.vault->Create(name, {KeyKind::kEc, 0, curve}, {}, kNoon));
  }
  struct Case {
    const char *algorithm, *key;
    std::size_t digest, signature;
  };
  for (const Case& one : std::vector<Case>{{"RS256", "rsa", 32, 256},
                                           {"RS384", "rsa", 48, 256},
                                           {"RS512", "rsa", 64, 256},
                                           {"PS256", "rsa", 32, 256},
                                           {"PS384", "rsa", 48, 256},
                                           {"PS512", "rsa", 64, 256},
                                           {"ES256", "P-256", 32, 64},
                                           {"ES384", "P-384", 48, 96},
                                           {"ES512", "P-521", 64, 132},
                                           {"ES256K", "P-256K", 32, 64}}) {
    const Bytes digest(one.digest, std::byte{7});
    const auto signature = Do(it, one.key, Operation::kSign, one.algorithm, digest);
    ASSERT_TRUE(signature) << one.algorithm << ": " << signature.error().message;
    ASSERT_EQ(signature->value.size(), one.signature) << one.algorithm;
    OperationRequest verify{Operation::kVerify, one.algorithm, digest};
    verify.signature = ToBytes(signature->value.view());
    EXPECT_TRUE(Perform(*it.vault, one.key, "", verify, kNoon)->valid) << one.algorithm;
    verify.value[0] ^= std::byte{1};
    EXPECT_FALSE(Perform(*it.vault, one.key, "", verify, kNoon)->valid) << one.algorithm;
    verify.value = digest;
    verify.signature.back() ^= std::byte{1};
    EXPECT_FALSE(Perform(*it.vault, one.key, "", verify, kNoon)->valid) << one.algorithm;
    verify.signature.pop_back();
    EXPECT_FALSE(Perform(*it.vault, one.key, "", verify, kNoon)->valid) << one.algorithm;
    for (const auto* const other : {"rsa", "P-256", "P-384", "P-521", "P-256K"}) {
      EXPECT_EQ(Do(it, other, Operation::kSign, one.algorithm, digest).has_value(),
                std::string_view(other) == one.key)
          << one.algorithm << " with " << other;
    }
    EXPECT_EQ(KindOf(Do(it, one.key, Operation::kSign, one.algorithm, Bytes(one.digest - 1))),
              FaultKind::kBadParameter);
  }
}

TEST(Operations, AesHidesAndOpensInEachMode) {
  const TestVault it;
  for (const unsigned bits : {128U, 192U, 256U}) {
    const std::string size = std::to_string(bits);
    MakeOct(it, "k" + size, bits);
    for (const std::string mode : {"GCM", "CBC", "CBCPAD"}) {
      OperationRequest request{Operation::kEncrypt, "A" + size + mode, Bytes(32, std::byte{5})};
      if (mode == "GCM") request.aad = Text("context");
      const auto sealed = Perform(*it.vault, "k" + size, "", request, kNoon);
      ASSERT_TRUE(sealed) << sealed.error().message;
      OperationRequest back{Operation::kDecrypt, request.algorithm, ToBytes(sealed->value.view())};
      back.iv = sealed->iv;
      back.aad = request.aad;
      back.tag = sealed->tag;
      const auto opened = Perform(*it.vault, "k" + size, "", back, kNoon);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_TRUE(Equal(opened->value.view(), request.value));
    }
    const auto wrapped =
        Do(it, "k" + size, Operation::kWrapKey, "A" + size + "KW", Bytes(16, std::byte{9}));
    ASSERT_TRUE(wrapped) << wrapped.error().message;
    EXPECT_TRUE(Do(it, "k" + size, Operation::kUnwrapKey, "A" + size + "KW",
                   ToBytes(wrapped->value.view())));
  }
  const auto padded =
      Do(it, "k256", Operation::kWrapKey, "CKM_AES_KEY_WRAP_PAD", Bytes(5, std::byte{9}));
  ASSERT_TRUE(padded);
  EXPECT_EQ(
      Do(it, "k256", Operation::kUnwrapKey, "CKM_AES_KEY_WRAP_PAD", ToBytes(padded->value.view()))
          ->value.size(),
      5U);
}

TEST(Operations, AesRefusesAnAlgorithmOfAnotherKeySize) {
  const TestVault it;
  MakeOct(it, "k", 256);
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kEncrypt, "A128GCM", Bytes(16))),
            FaultKind::kBadParameter);
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kWrapKey, "A128KW", Bytes(16))),
            FaultKind::kBadParameter);
}

TEST(Operations, GcmDrawsItsOwnIvAndRefusesChangedTexts) {
  const TestVault it;
  MakeOct(it, "k", 256);
  OperationRequest request{Operation::kEncrypt, "A256GCM", Text("secret")};
  request.iv = Bytes(12);
  EXPECT_EQ(KindOf(Perform(*it.vault, "k", "", request, kNoon)), FaultKind::kBadParameter);
  request.iv.clear();
  const auto sealed = Perform(*it.vault, "k", "", request, kNoon).value();
  OperationRequest good{Operation::kDecrypt, "A256GCM", ToBytes(sealed.value.view())};
  good.iv = sealed.iv;
  good.tag = sealed.tag;
  ASSERT_TRUE(Perform(*it.vault, "k", "", good, kNoon));
  for (Bytes OperationRequest::*part :
       {&OperationRequest::value, &OperationRequest::iv, &OperationRequest::tag}) {
    OperationRequest bad = good;
    (bad.*part)[0] ^= std::byte{1};
    EXPECT_EQ(KindOf(Perform(*it.vault, "k", "", bad, kNoon)), FaultKind::kBadParameter);
    bad = good;
    (bad.*part).pop_back();
    EXPECT_EQ(KindOf(Perform(*it.vault, "k", "", bad, kNoon)), FaultKind::kBadParameter);
  }
  OperationRequest bad = good;
  bad.aad = Text("other");
  EXPECT_EQ(KindOf(Perform(*it.vault, "k", "", bad, kNoon)), FaultKind::kBadParameter);
}

TEST(Operations, WrongPaddingAndWrongTextAreOneError) {
  const TestVault it;
  MakeOct(it, "k", 128);
  std::set<std::string> messages;
  for (int i = 0; i < 64; ++i) {
    OperationRequest guess{Operation::kDecrypt, "A128CBCPAD", Bytes(32, static_cast<std::byte>(i))};
    guess.iv = Bytes(16);
    const auto outcome = Perform(*it.vault, "k", "", guess, kNoon);
    if (!outcome) messages.insert(outcome.error().message);
  }
  EXPECT_EQ(messages.size(), 1U);
}

TEST(Operations, ADisabledKeyDoesNothing) {
  const TestVault it;
  KeyProperties off;
  off.enabled = false;
  MakeOct(it, "k", 128, off);
  for (const Operation one : {Operation::kEncrypt, Operation::kDecrypt}) {
    EXPECT_EQ(KindOf(Do(it, "k", one, "A128CBC", Bytes(16))), FaultKind::kDisabled);
  }
}

TEST(Operations, OutsideItsTimeAKeyOpensAndChecksButSealsNothing) {
  const TestVault it;
  KeyProperties properties;
  properties.not_before = kNoon;
  properties.expires = kNoon + std::chrono::hours(1);
  MakeOct(it, "k", 128, properties);
  const auto wrapped = Do(it, "k", Operation::kWrapKey, "A128KW", Bytes(16));
  ASSERT_TRUE(wrapped);
  const Time before = kNoon - std::chrono::seconds(1);
  const Time after = kNoon + std::chrono::hours(1);
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kWrapKey, "A128KW", Bytes(16), before)),
            FaultKind::kNotYetValid);
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kWrapKey, "A128KW", Bytes(16), after)),
            FaultKind::kExpired);
  for (const Time time : {before, after}) {
    EXPECT_TRUE(Do(it, "k", Operation::kUnwrapKey, "A128KW", ToBytes(wrapped->value.view()), time));
  }
}

TEST(Operations, KeyOpsAreEnforced) {
  const TestVault it;
  KeyProperties properties;
  properties.operations = {"wrapKey", "unwrapKey"};
  MakeOct(it, "k", 128, properties);
  EXPECT_TRUE(Do(it, "k", Operation::kWrapKey, "A128KW", Bytes(16)));
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kEncrypt, "A128CBC", Bytes(16))),
            FaultKind::kOperationForbidden);
  // Not by the algorithm of another operation either.
  EXPECT_EQ(KindOf(Do(it, "k", Operation::kWrapKey, "A128CBC", Bytes(16))),
            FaultKind::kBadParameter);
}

TEST(Operations, BoundsWhatItTakes) {
  const TestVault it;
  MakeOct(it, "k", 128);
  EXPECT_EQ(
      KindOf(Do(it, "k", Operation::kEncrypt, "A128CBC", Bytes(limits::kKeyOperationBytes + 16))),
      FaultKind::kBadParameter);
}

TEST(ReleaseExport, GivesTheMaterialOfExportableKeysAlone) {
  const TestVault it;
  it.MakeEc("stays");
  EXPECT_EQ(FindReleasable(*it.vault, "stays", "").error().kind, FaultKind::kNotExportable);
  const KeyVersion key = it.MakeEc("leaves", Exportable());
  const auto found = FindReleasable(*it.vault, "leaves", "");
  ASSERT_TRUE(found);
  const ReleaseRecipient recipient;
  const auto wrapped = ExportForRelease(*it.vault, *found, recipient.to(), OaepHash::kSha1);
  ASSERT_TRUE(wrapped);
  const SecretBytes secret = recipient.Unwrapped(*wrapped);
  EXPECT_EQ(AsymmetricKey::FromPkcs8(secret.view())->EcPublic()->x, key.ec.x);
}

TEST(ReleaseExport, GivesNothingOnceTheKeyIsDisabledOrHasAnotherPolicy) {
  const TestVault it;
  it.MakeEc("k", Exportable());
  const KeyVersion judged = FindReleasable(*it.vault, "k", "").value();
  const PublicKey to = ReleaseRecipient().to();
  KeyProperties changes;
  changes.release_policy = Exportable(R"({"version":"2.0.0"})").release_policy;
  ASSERT_TRUE(it.vault->Update("k", "", changes, kNoon));
  EXPECT_EQ(ExportForRelease(*it.vault, judged, to, OaepHash::kSha1).error().kind,
            FaultKind::kConflict);
  changes.enabled = false;
  ASSERT_TRUE(it.vault->Update("k", "", changes, kNoon));
  EXPECT_EQ(ExportForRelease(*it.vault, judged, to, OaepHash::kSha1).error().kind,
            FaultKind::kDisabled);
}

}  // namespace
}  // namespace assay::keys
