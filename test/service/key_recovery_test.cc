// /recoveries: break-glass of a vault over HTTP, and the key that comes out.
#include <gtest/gtest.h>

#include "api/key_recoveries.h"
#include "crypto/aes_key_wrap.h"
#include "crypto/rsa_cipher.h"
#include "keys/testing.h"
#include "service/watched_service.h"
#include "token/testing.h"

namespace assay {
namespace {

const SigningKey& OfficerKey(std::size_t number) {
  static const std::vector<SigningKey> keys = {SigningKey::Generate(KeyType::kP256).value(),
                                               SigningKey::Generate(KeyType::kP256).value()};
  return keys.at(number);
}

recovery::Officers TwoOfficers() {
  return {2,
          {{"officer-0", token_testing::Verifier(OfficerKey(0), "")},
           {"officer-1", token_testing::Verifier(OfficerKey(1), "")}}};
}

class KeyRecovery : public testing::Test {
 protected:
  KeyRecovery() {
    keys_.recoveries = &recoveries_;
    keys::ImportedKey key;
    key.kind = keys::KeyKind::kOct;
    key.oct = SecretBytes(View(secret_));
    EXPECT_TRUE(vault_.vault->Import("disk", key, keys::Exportable(), service_.now));
    EXPECT_TRUE(vault_.vault->Import("inside", key, {}, service_.now));
  }

  HttpResponse Send(const std::string& path, json::Object body, const char* method = "POST") {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = "api-version=7.5";
    request.body = json::Write(json::Value(std::move(body)));
    return Route(site_, request);
  }
  json::Value Good(const HttpResponse& response) {
    EXPECT_LT(response.status, 300U) << response.body;
    return json::Parse(response.body).value();
  }
  json::Object Wanted(const std::string& key) {
    const RsaPublicParts parts = recipient_.RsaPublic().value();
    return {{"key", key},
            {"reason", "the board was replaced"},
            {"to", json::Object{{"kty", "RSA"},
                                {"n", Base64UrlEncode(parts.n)},
                                {"e", Base64UrlEncode(parts.e)},
                                {"d", "a private part that came by mistake"}}}};
  }
  HttpResponse Approve(const json::Value& recovery, std::size_t officer) {
    const std::string header = R"({"alg":"ES256","kid":"officer-)" + std::to_string(officer) +
                               R"(","typ":"assay-recovery+jws"})";
    return Send("/recoveries/" + *recovery.Find("recovery")->AsString() + "/approve",
                {{"approval", token_testing::Signed(OfficerKey(officer), header,
                                                    *recovery.Find("statement")->AsString())}});
  }
  HttpResponse Complete(const json::Value& recovery) {
    return Send("/recoveries/" + *recovery.Find("recovery")->AsString() + "/complete", {});
  }

  const Bytes secret_ = Bytes(32, std::byte{0x5A});
  const AsymmetricKey recipient_ = AsymmetricKey::GenerateRsa(2048).value();
  std::vector<std::string> told_;
  WatchedService service_;
  keys::TestVault vault_;
  KeyRecoveries recoveries_{
      recovery::RecoveryBook(*vault_.store), TwoOfficers(),
      [this](std::string_view what, const recovery::Recovery&) { told_.emplace_back(what); }};
  KeyService keys_{*vault_.vault, "https://attest.example", [this] { return service_.now; }, {}};
  const Site site_ = service_.SiteWith(keys_);
};

TEST_F(KeyRecovery, GivesTheKeyToWhomTwoOfficersApproved) {
  const json::Value asked = Good(Send("/recoveries", Wanted("disk")));
  EXPECT_EQ(Complete(asked).status, 403U);
  Good(Approve(asked, 0));
  const HttpResponse early = Complete(asked);
  EXPECT_EQ(early.status, 403U);
  EXPECT_NE(early.body.find("NotApproved"), std::string::npos);
  Good(Approve(asked, 1));
  const json::Value done = Good(Complete(asked));
  const Bytes wrapped = Base64UrlDecode(*done.Find("value")->AsString()).value();
  const SecretBytes inner =
      DecryptRsa(recipient_, RsaCipher::kOaepSha256, View(wrapped).first(256)).value();
  EXPECT_TRUE(SecretEqual(UnwrapAesKwp(inner.view(), View(wrapped).subspan(256))->view(), secret_));
  EXPECT_EQ(told_, (std::vector<std::string>{"requested", "approved", "approved", "completed"}));
  EXPECT_EQ(Complete(asked).status, 409U);
}

// The approvals are asked for before anything else: a key that could not be opened now is no
// matter.
TEST_F(KeyRecovery, OpensNoKeyBeforeItIsApproved) {
  const json::Value asked = Good(Send("/recoveries", Wanted("disk")));
  keys::KeyProperties off;
  off.enabled = false;
  ASSERT_TRUE(vault_.vault->Update("disk", "", off, service_.now));
  EXPECT_NE(Complete(asked).body.find("NotApproved"), std::string::npos);
  Good(Approve(asked, 0));
  Good(Approve(asked, 1));
  EXPECT_NE(Complete(asked).body.find("KeyDisabled"), std::string::npos);
}

TEST_F(KeyRecovery, LeavesARecordOfAllThatHappened) {
  const json::Value asked = Good(Send("/recoveries", Wanted("disk")));
  Good(Approve(asked, 0));
  const std::string path = "/recoveries/" + *asked.Find("recovery")->AsString();
  const json::Value kept = Good(Send(path, {}, "GET"));
  EXPECT_EQ(*kept.Find("state")->AsString(), "open");
  EXPECT_EQ(kept.Find("approvals")->AsArray()->size(), 1U);
  EXPECT_EQ(kept.Find("to_jwk")->Find("d"), nullptr);
  EXPECT_EQ(Good(Send("/recoveries", {}, "GET")).Find("recoveries")->AsArray()->size(), 1U);
  // There is no way to take it back.
  EXPECT_EQ(Send(path, {}, "DELETE").status, 405U);
}

TEST_F(KeyRecovery, IsNotForKeysThatNeverLeave) {
  const HttpResponse refused = Send("/recoveries", Wanted("inside"));
  EXPECT_EQ(refused.status, 403U);
  EXPECT_NE(refused.body.find("KeyNotExportable"), std::string::npos);
  EXPECT_EQ(Send("/recoveries", Wanted("none")).status, 404U);
}

TEST_F(KeyRecovery, SaysWhatIsMissing) {
  for (const char* const name : {"key", "to", "reason"}) {
    json::Object body = Wanted("disk");
    std::erase_if(body, [name](const json::Member& member) { return member.first == name; });
    const HttpResponse refused = Send("/recoveries", std::move(body));
    EXPECT_EQ(refused.status, 400U);
    EXPECT_NE(refused.body.find(name), std::string::npos) << refused.body;
  }
  keys_.recoveries = nullptr;
  EXPECT_NE(Send("/recoveries", Wanted("disk")).body.find("--recovery-officers"),
            std::string::npos);
}

}  // namespace
}  // namespace assay
