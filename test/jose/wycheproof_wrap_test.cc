// AES-KW and AES-KWP of project Wycheproof, through the code that wraps keys: what is "valid" wraps
// to the bytes it says and unwraps, what is "invalid" does not unwrap. KW of keys of 8 bytes is
// "acceptable" there, and refused here as NIST SP 800-38F does.
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/aes_key_wrap.h"
#include "policy/samples.h"

namespace assay {
namespace {

struct WrapPair {
  Result<Bytes> (*wrap)(View, View);
  Result<SecretBytes> (*unwrap)(View, View);
};

Bytes Field(const json::Value& test, std::string_view name) {
  return HexDecode(test.String(name, "test").value()).value();
}

void Judge(const json::Value& test, const WrapPair& pair, int& valid, int& refused) {
  const Bytes kek = Field(test, "key");
  const Bytes key = Field(test, "msg");
  const Bytes wrapped = Field(test, "ct");
  const std::int64_t id = *test.Find("tcId")->AsInt();
  const auto unwrapped = pair.unwrap(kek, wrapped);
  if (test.String("result", "test").value() == "valid") {
    ++valid;
    const auto again = pair.wrap(kek, key);
    ASSERT_TRUE(again) << id << ": " << again.error().message;
    EXPECT_EQ(*again, wrapped) << id;
    ASSERT_TRUE(unwrapped) << id << ": " << unwrapped.error().message;
    EXPECT_TRUE(Equal(unwrapped->view(), key)) << id;
  } else {
    ++refused;
    EXPECT_FALSE(unwrapped) << id;
  }
}

void RunWrapFile(std::string_view name, const WrapPair& pair, int least_valid, int least_refused) {
  const auto path = Suites() / "wycheproof" / name;
  ASSAY_SKIP_WITHOUT(path);
  const auto suite = json::Parse(ReadText(path));
  ASSERT_TRUE(suite) << suite.error().message;
  int valid = 0;
  int refused = 0;
  for (const json::Value& group : **suite->List("testGroups", "suite")) {
    for (const json::Value& test : **group.List("tests", "group")) {
      Judge(test, pair, valid, refused);
    }
  }
  std::printf("Wycheproof %s: %d wrapped and unwrapped, %d refused\n", std::string(name).c_str(),
              valid, refused);
  EXPECT_GE(valid, least_valid);
  EXPECT_GE(refused, least_refused);
}

TEST(Wycheproof, AesKwIsWrappedAndRefusedAsItSays) {
  RunWrapFile("aes_wrap_test.json", {&WrapAesKw, &UnwrapAesKw}, 36, 129);
}

TEST(Wycheproof, AesKwpIsWrappedAndRefusedAsItSays) {
  RunWrapFile("aes_kwp_test.json", {&WrapAesKwp, &UnwrapAesKwp}, 77, 177);
}

}  // namespace
}  // namespace assay
