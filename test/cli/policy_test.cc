// `assay policy`: what each command answers, through its function.
#include "cli/policy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/time.h"
#include "cli/files.h"
#include "simulate/simulate.h"

namespace assay::cli {
namespace {

// A folder of files, gone at the end.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("assay-policy-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string Put(const std::string& name, std::string_view text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(WriteFile(path, AsBytes(text)).has_value());
    return path.string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

constexpr const char* kNoDebug =
    "version=1.0;\nauthorizationrules {\n"
    "  [type==\"x-ms-sgx-is-debuggable\", value==false] => permit();\n};\n"
    "issuancerules {\n  c:[type==\"x-ms-sgx-svn\"] => issue(type=\"svn\", value=c.value);\n};\n";

bool Holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Options Given(std::string file, std::string kind = "") {
  Options out;
  out.file = std::move(file);
  out.kind = std::move(kind);
  return out;
}

TEST(PolicyCheck, IsCleanForACleanPolicy) {
  const Folder folder;
  const auto answer = CheckPolicyFile(Given(folder.Put("p.txt", kNoDebug), "sgx"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->exit_code, 0) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "no findings"));
}

TEST(PolicyCheck, ShowsASyntaxErrorWithFileLineAndCaret) {
  const Folder folder;
  const std::string file = folder.Put("p.txt", "version=1.0;\nauthorizationrules { => permit() };");
  const auto answer = CheckPolicyFile(Given(file));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(Holds(answer->text, file + ":2:")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "^"));
  const json::Value& finding = answer->json.Find("findings")->AsArray()->at(0);
  EXPECT_EQ(*finding.Find("line")->AsInt(), 2);
  EXPECT_GT(*finding.Find("column")->AsInt(), 1);
}

TEST(PolicyCheck, HoldsClaimsToTheTypeThatIsGiven) {
  const Folder folder;
  const std::string file = folder.Put("p.txt", kNoDebug);
  const auto answer = CheckPolicyFile(Given(file, "snp"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->json.Find("findings")->AsArray()->empty());
  EXPECT_FALSE(CheckPolicyFile(Given(file, "abacus")).has_value());
}

TEST(PolicyCheck, CannotJudgeWhatItCannotRead) {
  EXPECT_FALSE(CheckPolicyFile(Given("/nonexistent/policy.txt")).has_value());
}

TEST(PolicyEval, TellsTheRuleAndWhatItIssued) {
  const Folder folder;
  Options options = Given(folder.Put("p.txt", kNoDebug));
  options.claims = folder.Put("c.json", R"({"x-ms-sgx-is-debuggable": false, "x-ms-sgx-svn": 7})");
  const auto answer = EvaluatePolicyFile(options);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 0);
  EXPECT_TRUE(Holds(answer->text, "PERMITTED")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "line 3")) << answer->text;
  EXPECT_EQ(*answer->json.Find("issued")->Find("svn")->AsInt(), 7);
}

TEST(PolicyEval, TellsTheNearestChangeAfterADenial) {
  const Folder folder;
  Options options = Given(folder.Put("p.txt", kNoDebug));
  options.claims = folder.Put("c.json", R"({"x-ms-sgx-is-debuggable": true})");
  const auto answer = EvaluatePolicyFile(options);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(Holds(answer->text, "DENIED")) << answer->text;
  const json::Value* nearest = answer->json.Find("explanation")->Find("nearest");
  ASSERT_NE(nearest, nullptr);
  const json::Value& change = nearest->Find("changes")->AsArray()->at(0);
  EXPECT_EQ(*change.Find("found")->AsString(), "true");
}

TEST(PolicyEval, TakesClaimsWithTheirIssuer) {
  const Folder folder;
  Options options = Given(folder.Put("p.txt",
                                     "version=1.0;\nauthorizationrules { [type==\"a\", "
                                     "issuer==\"AttestationService\"] => permit(); };"));
  options.claims = folder.Put("c.json", R"([{"type": "a", "value": 1, "issuer": "CustomClaim"}])");
  EXPECT_EQ(EvaluatePolicyFile(options).value().exit_code, 1);
}

TEST(PolicyEval, NeedsClaimsOrEvidence) {
  const Folder folder;
  EXPECT_FALSE(EvaluatePolicyFile(Given(folder.Put("p.txt", kNoDebug))).has_value());
}

// A simulation on disk, and the options that verify it.
Options Simulated(const Folder& folder, std::string_view kind, std::string_view fault = "") {
  const simulate::Simulation simulation = simulate::Simulate(kind, fault).value();
  for (const auto& [name, content] : simulation.files) folder.Put(name, AsText(content));
  Options out = Given(folder.Put("p.txt", kNoDebug));
  out.evidence = folder.path() + "/evidence.bin";
  out.collateral = folder.path() + "/collateral";
  out.trust_roots = {folder.path() + "/root.pem"};
  out.at = FormatTime(simulation.at);
  return out;
}

TEST(PolicyEval, TakesTheClaimsOfEvidence) {
  const Folder folder;
  const auto answer = EvaluatePolicyFile(Simulated(folder, "sgx"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 0) << answer->text;
}

TEST(PolicyEval, DoesNotAskThePolicyAboutEvidenceThatDoesNotVerify) {
  const Folder folder;
  const auto answer = EvaluatePolicyFile(Simulated(folder, "sgx", "tcb_info.dates"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(Holds(answer->text, "the policy was not asked")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "tcb_info.dates"));
}

TEST(PolicyTest, PassesAndFailsCaseByCase) {
  const Folder folder;
  folder.Put("p.txt", kNoDebug);
  folder.Put("cases/1-permits.json",
             R"({"policy": "../p.txt", "type": "sgx",
                 "claims": {"x-ms-sgx-is-debuggable": false, "x-ms-sgx-svn": 3},
                 "expect": {"permitted": true, "issued": {"svn": 3}, "rule": 3}})");
  folder.Put("cases/2-denies.json",
             R"({"policy": "version=1.0; authorizationrules { => deny(); };", "claims": {},
                 "expect": {"permitted": false}})");
  EXPECT_EQ(TestPolicies(Given(folder.path() + "/cases")).value().exit_code, 0);
  folder.Put("cases/3-wrong.json",
             R"({"policy": "../p.txt", "claims": {}, "expect": {"permitted": true}})");
  folder.Put("cases/4-misspelt.json",
             R"({"policy": "../p.txt", "claims": {}, "expect": {"permited": false}})");
  const auto answer = TestPolicies(Given(folder.path() + "/cases"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(Holds(answer->text, "ok    1-permits")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "FAIL  3-wrong: denied")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "FAIL  4-misspelt")) << answer->text;
  EXPECT_TRUE(Holds(answer->text, "2 passed, 2 failed")) << answer->text;
}

TEST(PolicyTest, RunsOnEvidence) {
  const Folder folder;
  const Options options = Simulated(folder, "sgx");
  folder.Put("case.json", R"({"type": "sgx", "evidence": "evidence.bin", "collateral": "collateral",
      "trustRoot": "root.pem", "at": ")" +
                              options.at + R"(", "expect": {"permitted": true}})");
  const auto answer = TestPolicies(Given(folder.path()));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 0) << answer->text;
}

TEST(PolicyTest, RefusesAFolderWithoutCases) {
  const Folder folder;
  EXPECT_FALSE(TestPolicies(Given(folder.path())).has_value());
  EXPECT_FALSE(TestPolicies(Given("/nonexistent")).has_value());
}

TEST(PolicyQuery, AnswersWithJson) {
  EXPECT_EQ(QueryJson("a[0]", R"({"a": [7]})").value().text, "7\n");
  EXPECT_FALSE(QueryJson("a[", "{}").has_value());
  EXPECT_FALSE(QueryJson("a", "{").has_value());
}

TEST(PolicyDiff, TellsChangedRulesAndIgnoresLayout) {
  const Folder folder;
  Options options = Given(folder.Put("a.txt", kNoDebug));
  options.other = folder.Put("b.txt", "version=1.0; authorizationrules { => permit(); };");
  const auto answer = DiffPolicies(options);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(Holds(answer->text, "authorizationrules")) << answer->text;
  options.other = folder.Put("c.txt", "\n\n" + std::string(kNoDebug));
  EXPECT_EQ(DiffPolicies(options).value().exit_code, 0);
}

}  // namespace
}  // namespace assay::cli
