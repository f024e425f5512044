// JWS and JWK of project Wycheproof: each case that says "valid" and whose algorithm Assay accepts
// verifies; each that says "invalid" does not.
#include "policy/samples.h"
#include "token/jws_verify.h"

namespace assay {
namespace {

struct Tally {
  int verified = 0;
  int refused = 0;
  int not_for_us = 0;  // valid, of an algorithm that is not accepted
};

std::string TextOf(const json::Value& jws) {
  return jws.AsString() != nullptr ? *jws.AsString() : json::Write(jws);
}

// By kid among the keys of a set, as everywhere; a lone key without kid stands for all.
Result<VerifiedJws> Judge(const json::Value& keys, const std::string& text) {
  const UnverifiedJws jws = TRY(ParseJws(text));
  std::vector<VerificationKey> known;
  if (keys.Find("keys") != nullptr) {
    known = TRY(ParseJwks(json::Write(keys)));
  } else {
    known.push_back(TRY(ParseJwk(keys)));
  }
  for (const VerificationKey& key : known) {
    if (key.kid == jws.kid() || key.kid.empty()) return VerifyJws(jws, key);
  }
  return Fail(ErrorCode::kMissing, "no such key");
}

// HMAC and P-521 are refused on purpose; so is a token under PS384 whose key says "alg": "PS256"
// (RFC 8725 §3.1), which the suite lets pass in its two copies of figure 20 of RFC 7520.
bool IsForUs(const json::Value& keys, const std::string& comment) {
  const std::string text = json::Write(keys);
  return text.find("\"oct\"") == std::string::npos && text.find("P-521") == std::string::npos &&
         comment != "Figure20";
}

void RunFile(const std::filesystem::path& path, Tally& tally) {
  const auto suite = json::Parse(ReadText(path));
  ASSERT_TRUE(suite) << path << ": " << suite.error().message;
  for (const json::Value& group : **suite->List("testGroups", "suite")) {
    const json::Value* keys = group.Find("public");
    if (keys == nullptr) keys = group.Find("private");
    for (const json::Value& test : **group.List("tests", "group")) {
      const auto verified = Judge(*keys, TextOf(*test.Find("jws")));
      const std::string wanted = test.String("result", "test").value();
      const std::string comment = *test.Find("comment")->AsString();
      const bool ours = IsForUs(*keys, comment);
      const std::string name = path.filename().string() + " " +
                               std::to_string(*test.Find("tcId")->AsInt()) + " " + comment;
      EXPECT_EQ(verified.has_value(), wanted == "valid" && ours)
          << name << ": " << (verified ? "verified" : verified.error().message);
      if (verified) {
        ++tally.verified;
      } else {
        ++(wanted == "valid" && !ours ? tally.not_for_us : tally.refused);
      }
    }
  }
}

TEST(Wycheproof, JwsAndJwkAreVerifiedAndRefusedAsItSays) {
  const auto folder = Suites() / "wycheproof";
  ASSAY_SKIP_WITHOUT(folder);
  Tally tally;
  RunFile(folder / "json_web_signature_test.json", tally);
  RunFile(folder / "json_web_key_test.json", tally);
  std::printf("Wycheproof JWS and JWK: %d verified, %d refused, %d of algorithms not accepted\n",
              tally.verified, tally.refused, tally.not_for_us);
  EXPECT_GE(tally.verified, 20);
  EXPECT_GE(tally.refused, 300);
}

}  // namespace
}  // namespace assay
