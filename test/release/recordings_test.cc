// Release policies and one key release as the real service recorded them.
#include <set>

#include "base/encoding.h"
#include "policy/samples.h"
#include "release/answer.h"
#include "release/authority_testing.h"

namespace assay::release {
namespace {

std::filesystem::path Recorded() { return SharedFolder("ASSAY_RECORDINGS", "recordings"); }

std::string DecodedText(const std::string& text) {
  return std::string(AsText(Base64UrlDecode(text).value()));
}

// Each release_policy.data in `value`, wherever it stands.
void CollectPolicies(const json::Value& value, std::set<std::string>& out) {
  if (const json::Array* list = value.AsArray()) {
    for (const json::Value& one : *list) CollectPolicies(one, out);
  }
  if (const std::string* text = value.AsString()) {
    const auto inner = text->starts_with('{') ? json::Parse(*text) : Result<json::Value>(nullptr);
    if (inner && !inner->is_null()) CollectPolicies(*inner, out);
  }
  if (value.AsObject() == nullptr) return;
  for (const auto& [name, member] : *value.AsObject()) {
    if (name == "release_policy" && member.Find("data") != nullptr) {
      out.insert(*member.Find("data")->AsString());
    }
    CollectPolicies(member, out);
  }
}

TEST(RecordedRelease, PoliciesAreAccepted) {
  const auto folder = Recorded() / "keyvault-cpp-recordings";
  ASSAY_SKIP_WITHOUT(folder);
  std::set<std::string> policies;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto recording = json::Parse(ReadText(entry.path()));
    if (recording) CollectPolicies(*recording, policies);
  }
  EXPECT_GE(policies.size(), 2U);
  for (const std::string& data : policies) {
    const auto policy = ParseReleasePolicy(DecodedText(data));
    EXPECT_TRUE(policy) << DecodedText(data) << ": " << policy.error().message;
  }
}

// Member names in their order, and below them: values differ, shapes must not.
std::string ShapeOf(const json::Value& value) {
  std::string out;
  if (value.AsObject() == nullptr) return out;
  for (const auto& [name, member] : *value.AsObject()) out += name + "{" + ShapeOf(member) + "}";
  return out;
}

class Granting final : public Witness {
 public:
  Result<MachineStanding> StandingOf(const std::string&, const json::Value&) override {
    return MachineStanding::kNotWatched;
  }
  Result<bool> SpendNonce(const std::string&, const std::string&, Time) override { return true; }
};

// The recorded key, released once more: by this code, to an environment of the test's own.
std::string ReleasedAgain(const json::Value& entry) {
  const ReleasePolicy policy = testing::Policy(testing::PolicyText(
      testing::BranchOf(testing::kIssuerA, R"({"claim":"tee","equals":"snp"})")));
  testing::TestKeys keys;
  keys.Add(testing::AuthorityA());
  Granting witness;
  const std::string kid = *entry.Find("key")->Find("kid")->AsString();
  const std::string token = testing::TokenOf(testing::AuthorityA());
  const KeyStanding standing{kid, true, true, &policy};
  const auto decision = DecideRelease({kid, token, KeyEncryption::kSha256, {}, "7.3"}, standing,
                                      {keys, witness, {}}, testing::kNow);
  ReleasedKey released{*entry.Find("key")->AsObject(), *entry.Find("attributes")->AsObject(),
                       *entry.Find("release_policy")->AsObject()};
  std::erase_if(released.key, [](const json::Member& m) { return m.first == "key_hsm"; });
  const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  CertificateRequest request;
  request.common_name = "vault";
  const CertificatePtr own = IssueCertificate(key, request, key, nullptr).value();
  return AnswerRelease(std::get<Grant>(decision.value()), Bytes(67), released, {key, {own}})
      .value();
}

TEST(RecordedRelease, HasTheShapeOfOurs) {
  const auto path = Recorded() / "akv-release-response.json";
  ASSAY_SKIP_WITHOUT(path);
  const json::Value recording = json::Parse(ReadText(path)).value();
  const std::string theirs = *recording.Find("body")->Find("value")->AsString();
  const std::size_t dot = theirs.find('.');
  const json::Value payload =
      json::Parse(DecodedText(theirs.substr(dot + 1, theirs.rfind('.') - dot - 1))).value();
  const json::Value& entry = *payload.Find("response")->Find("key");
  const std::string ours = ReleasedAgain(entry);
  const std::size_t our_dot = ours.find('.');
  const json::Value our_payload =
      json::Parse(DecodedText(ours.substr(our_dot + 1, ours.rfind('.') - our_dot - 1))).value();
  EXPECT_EQ(ShapeOf(our_payload), ShapeOf(payload));
  EXPECT_EQ(json::Write(*our_payload.Find("request")), json::Write(*payload.Find("request")));

  const auto hsm = [](const json::Value& of) {
    return json::Parse(
               DecodedText(
                   *of.Find("response")->Find("key")->Find("key")->Find("key_hsm")->AsString()))
        .value();
  };
  EXPECT_EQ(ShapeOf(hsm(our_payload)), ShapeOf(hsm(payload)));
  EXPECT_EQ(*hsm(our_payload).Find("schema_version")->AsString(),
            *hsm(payload).Find("schema_version")->AsString());
  // The same members, though not in the same order.
  const auto names = [](const std::string& jws) {
    std::set<std::string> out;
    const json::Value header = ReadUnverifiedHeader(jws).value();
    for (const auto& [name, value] : *header.AsObject()) out.insert(name);
    return out;
  };
  EXPECT_EQ(names(ours), names(theirs));
}

}  // namespace
}  // namespace assay::release
