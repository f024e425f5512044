// What the real service answered: its policies, the hashes of them, and what they issued.
#include <map>

#include "base/encoding.h"
#include "policy/defaults.h"
#include "policy/diff.h"
#include "policy/lint.h"
#include "policy/policy.h"
#include "policy/samples.h"
#include "token/maa_claims.h"

namespace assay::policy {
namespace {

json::Value JwtPayload(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const auto bytes = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!bytes) return {};
  return json::Parse(AsText(*bytes)).value_or(json::Value());
}

const std::string* TextOf(const json::Value& object, std::string_view name) {
  const json::Value* member = object.Find(name);
  return member != nullptr ? member->AsString() : nullptr;
}

struct Answer {
  std::string url;
  json::Value payload;  // of the token; null when there is none
  std::string error;    // the message of an error
};

// The answers of one recording.
std::vector<Answer> Answers(const std::filesystem::path& path) {
  std::vector<Answer> out;
  const auto recording = json::Parse(ReadText(path));
  const json::Value* calls = recording ? recording->Find("networkCallRecords") : nullptr;
  if (calls == nullptr || calls->AsArray() == nullptr) return out;
  for (const json::Value& call : *calls->AsArray()) {
    const json::Value* response = call.Find("Response");
    const std::string* body = response != nullptr ? TextOf(*response, "BODY") : nullptr;
    const auto answer = body != nullptr ? json::Parse(*body) : json::Value();
    if (!answer) continue;
    Answer one;
    if (const std::string* url = TextOf(call, "Url")) one.url = *url;
    if (const std::string* token = TextOf(*answer, "token")) one.payload = JwtPayload(*token);
    if (const json::Value* error = answer->Find("error")) {
      if (const std::string* message = TextOf(*error, "message")) one.error = *message;
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Answer> AllAnswers() {
  std::vector<Answer> out;
  for (const auto& entry : std::filesystem::directory_iterator(Recordings())) {
    for (Answer& one : Answers(entry.path())) out.push_back(std::move(one));
  }
  return out;
}

// The attestation type in ".../policies/SgxEnclave?api-version=..." or ".../attest/...".
std::optional<AttestationType> TypeIn(std::string_view url) {
  const std::string_view path = url.substr(0, url.find('?'));
  return FindAttestationType(path.substr(path.rfind('/') + 1));
}

TEST(Recordings, HoldPoliciesThatCompileAndEqualOurDefaults) {
  ASSAY_SKIP_WITHOUT(Recordings());
  int policies = 0, defaults = 0, none = 0;
  for (const Answer& answer : AllAnswers()) {
    const std::string* jws = TextOf(answer.payload, "x-ms-policy");
    const auto type = TypeIn(answer.url);
    if (jws == nullptr || !type) continue;
    const json::Value policy = JwtPayload(*jws);
    const std::string* encoded = TextOf(policy, "AttestationPolicy");
    if (encoded == nullptr) {
      EXPECT_FALSE(DefaultPolicy(*type)) << Name(*type);  // Tpm has none
      ++none;
      continue;
    }
    const std::string text(AsText(Base64UrlDecode(*encoded).value()));
    const auto compiled = Policy::Compile(text);
    ASSERT_TRUE(compiled) << compiled.error().message;
    ++policies;
    if (text == DefaultPolicy(*type)) ++defaults;
  }
  std::printf("recorded policies: %d compile, %d are our default to the byte, %d answers without\n",
              policies, defaults, none);
  EXPECT_GT(defaults, 0);
  EXPECT_GT(none, 0);
}

// The claims of the evidence, which the token repeats under the same names.
std::vector<Claim> EvidenceClaims(const json::Value& payload) {
  Claims claims;
  for (const auto& [name, value] : *payload.AsObject()) {
    const bool of_policy = name == "x-ms-policy" || name == "x-ms-policy-hash";
    if (name.starts_with("x-ms-") && !of_policy) claims.emplace_back(name, value);
  }
  return ServiceClaims(claims);
}

std::map<std::string, std::string> ByName(const json::Object& object) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : object) out[name] = json::Write(value);
  return out;
}

// Besides the claims themselves, the tokens repeat what the policy issued in "x-ms-policy".
TEST(Recordings, ShowWhatTheDefaultPolicyIssuesAndItsHash) {
  ASSAY_SKIP_WITHOUT(Recordings());
  const std::string text(*DefaultPolicy(AttestationType::kSgxEnclave));
  const Policy policy = Policy::Compile(text).value();
  const Policy draft = Policy::Compile(
                           "version=1.0;authorizationrules{=>permit();};issuancerules{"
                           "c:[type==\"x-ms-sgx-mrsigner\"] => "
                           "issue(type=\"custom-name\", value=c.value);};")
                           .value();
  int compared = 0, drafts = 0;
  for (const Answer& answer : AllAnswers()) {
    const json::Value* issued = answer.payload.Find("x-ms-policy");
    if (issued == nullptr || issued->AsObject() == nullptr) continue;
    const bool is_draft = issued->Find("custom-name") != nullptr;
    const Evaluation result = Evaluate(is_draft ? draft : policy, EvidenceClaims(answer.payload));
    ASSERT_TRUE(result.permitted) << result.explanation.summary;
    EXPECT_EQ(ByName(result.issued), ByName(*issued->AsObject()));
    ++(is_draft ? drafts : compared);
    if (!is_draft) {
      EXPECT_EQ(*TextOf(answer.payload, "x-ms-policy-hash"), PolicyHash(text));
    }
  }
  std::printf("recorded tokens: %d of the default policy, %d of a draft, issue the same\n",
              compared, drafts);
  EXPECT_GT(compared, 0);
  EXPECT_GT(drafts, 0);
}

// The tests of the SDK forbid a debug enclave in a draft policy; its quote is of one.
TEST(Recordings, ShowTheDenialForWantOfAPermit) {
  ASSAY_SKIP_WITHOUT(Recordings());
  int denials = 0;
  for (const Answer& answer : AllAnswers()) {
    if (answer.error.find("No Permit claim was issued") != std::string::npos) ++denials;
  }
  EXPECT_GT(denials, 0);
  const Policy policy = Policy::Compile(
                            "version=1.0;authorizationrules{"
                            "[type==\"x-ms-sgx-is-debuggable\", value==false] => permit();};")
                            .value();
  const auto claims = ServiceClaims({{"x-ms-sgx-is-debuggable", true}});
  EXPECT_EQ(Evaluate(policy, claims).explanation.summary,
            "denied: no permit() of the authorizationrules fired");
}

TEST(RealToken, OfSevSnpHasTheHashOfOurDefault) {
  const auto path = SharedFolder("ASSAY_VECTORS", "vectors") / "tokens/maa-sevsnp-jwt/token.jwt";
  ASSAY_SKIP_WITHOUT(path);
  EXPECT_EQ(*TextOf(JwtPayload(ReadText(path)), "x-ms-policy-hash"),
            PolicyHash(*DefaultPolicy(AttestationType::kSevSnpVm)));
}

}  // namespace
}  // namespace assay::policy
