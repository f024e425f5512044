#include "agent/release_answer.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "token/jws.h"

namespace assay::agent {
namespace {

const Time kNow = FromUnixSeconds(1'800'000'000);

struct Pair {
  SigningKey key;
  CertificatePtr certificate;
};

Pair MakeAuthority() {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "vault authority";
  request.not_before = kNow - std::chrono::hours(1);
  request.is_ca = true;
  return {key, IssueCertificate(key, request, key, nullptr).value()};
}

// The service's side: what is signed can be chosen, also wrongly.
class ReleaseAnswerOf : public testing::Test {
 protected:
  std::string Answer() const {
    const std::string hsm = json::Write(
        json::Object{{"schema_version", "1.0"},
                     {"header", json::Object{{"kid", "k"}, {"alg", "dir"}, {"enc", envelope_enc_}}},
                     {"ciphertext", Base64UrlEncode(Bytes(300, std::byte{7}))}});
    const json::Object key{
        {"kid", kid_}, {"kty", "oct"}, {"key_hsm", Base64UrlEncode(AsBytes(hsm))}};
    const json::Object payload{
        {"request", json::Object{{"api-version", "7.6"}, {"enc", enc_}, {"nonce", nonce_}}},
        {"response", json::Object{{"key", json::Object{{"key", key}}}}}};
    JwsHeader header;
    header.kid = "signer";
    header.x5c = {Base64Encode(signer_.certificate->der())};
    return SignJws(signer_.key, header, payload).value();
  }
  Pair MakeSigner(const Pair& issuer) const {
    SigningKey key = SigningKey::Generate(KeyType::kP256).value();
    CertificateRequest request;
    request.common_name = "vault";
    request.not_before = kNow - std::chrono::hours(1);
    return {key, IssueCertificate(key, request, issuer.key, issuer.certificate.get()).value()};
  }
  Result<WrappedKey> Read(const std::string& answer, Time now = kNow) const {
    return ReadReleaseAnswer(answer, question_, std::span(&authority_.certificate, 1), now);
  }
  // What was wrong, or nothing.
  std::string Complaint() const {
    const auto read = Read(Answer());
    return read ? "" : read.error().message;
  }
  static bool Has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  Pair authority_ = MakeAuthority();
  Pair signer_ = MakeSigner(authority_);
  ReleaseQuestion question_{{"disk"}, "n-1"};
  std::string kid_ = "https://vault.example/keys/disk/0123abc", nonce_ = "n-1";
  std::string enc_ = std::string(kKeyEncryption), envelope_enc_ = enc_;
};

TEST_F(ReleaseAnswerOf, TheVaultIsRead) {
  const auto read = Read(Answer());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->kid, kid_);
  EXPECT_EQ(read->kty, "oct");
  EXPECT_EQ(read->ciphertext, Bytes(300, std::byte{7}));
}

TEST_F(ReleaseAnswerOf, AVaultOfAnotherAuthorityIsRefused) {
  signer_ = MakeSigner(MakeAuthority());
  EXPECT_TRUE(Has(Complaint(), "no trusted authority"));
}

TEST_F(ReleaseAnswerOf, ASignerWhoseAuthorityIsNoneIsRefused) {
  // Its issuer is known, but may not issue.
  const Pair middle = signer_;
  authority_ = middle;
  signer_ = MakeSigner(middle);
  EXPECT_TRUE(Has(Complaint(), "no trusted authority"));
}

TEST_F(ReleaseAnswerOf, AnotherKeyThanThatOfTheCertificateIsRefused) {
  signer_.key = SigningKey::Generate(KeyType::kP256).value();
  EXPECT_NE(Complaint(), "");
}

TEST_F(ReleaseAnswerOf, AChangedPayloadIsRefused) {
  std::string answer = Answer();
  const std::size_t at = answer.find('.') + 20;
  answer[at] = answer[at] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Read(answer));
}

TEST_F(ReleaseAnswerOf, AnExpiredSignerIsRefused) {
  EXPECT_FALSE(Read(Answer(), kNow + std::chrono::hours(24 * 400)));
  EXPECT_FALSE(Read(Answer(), kNow - std::chrono::hours(2)));
}

TEST_F(ReleaseAnswerOf, AnotherRequestIsRefused) {
  nonce_ = "n-2";
  EXPECT_TRUE(Has(Complaint(), "request.nonce"));
  nonce_ = "n-1";
  enc_ = "CKM_RSA_AES_KEY_WRAP";
  EXPECT_TRUE(Has(Complaint(), "request.enc"));
}

TEST_F(ReleaseAnswerOf, AnotherWayToWrapIsRefused) {
  envelope_enc_ = "CKM_RSA_AES_KEY_WRAP";
  EXPECT_TRUE(Has(Complaint(), "key_hsm.header.enc"));
}

TEST_F(ReleaseAnswerOf, AnotherKeyOrVersionIsRefused) {
  for (const char* other :
       {"https://vault.example/keys/disk-2/0123abc", "https://vault.example/keys/disk",
        "https://vault.example/keys/disk/0123abc/x", "https://vault.example/keys/disk/"}) {
    kid_ = other;
    EXPECT_TRUE(Has(Complaint(), "kid")) << other;
  }
  kid_ = "https://vault.example/keys/DISK/0123ABC";
  question_.key.version = "0123abc";
  EXPECT_EQ(Complaint(), "");
  question_.key.version = "ffff";
  EXPECT_TRUE(Has(Complaint(), "kid"));
}

TEST(KeyAddress, IsANameAndPerhapsAVersion) {
  EXPECT_EQ(ParseKeyAddress("disk")->name, "disk");
  EXPECT_EQ(ParseKeyAddress("disk")->version, "");
  EXPECT_EQ(ParseKeyAddress("disk,0123")->version, "0123");
  for (const char* bad : {"", ",", "disk,", ",1", "a/b", "a?b", "a,b,c", "a b", "../x"}) {
    EXPECT_FALSE(ParseKeyAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace assay::agent
