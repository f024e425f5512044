// `assay provider` and `assay policy impact` on a state folder.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>

#include "base/encoding.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "provider/evidence_book.h"
#include "provider/provider_book.h"
#include "server/state_dir.h"
#include "simulate/simulate.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::cli {
namespace {

constexpr const char* kPermit = "version=1.0;\nauthorizationrules {\n  => permit();\n};\n";
constexpr const char* kOnlyDebug =
    "version=1.0;\nauthorizationrules {\n"
    "  [type==\"x-ms-sgx-is-debuggable\", value==true] => permit();\n};\n";

struct State {
  TemporaryFolder folder;
  simulate::Simulation simulation = simulate::Simulate("sgx", "").value();

  std::string Put(const std::string& name, View content) const {
    const std::filesystem::path path = std::filesystem::path(folder.path()) / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(WriteFile(path, content));
    return path.string();
  }
  Options Given(std::string provider) const {
    Options out;
    out.state_dir = folder.path() + "/state";
    out.provider = std::move(provider);
    out.json = true;
    return out;
  }
  std::optional<ProviderState> Find(std::string_view name) const {
    const auto store = store::OpenSqliteStore(ProviderStoreFile(folder.path() + "/state")).value();
    return ProviderBook(*store).Find(name).value();
  }
  // As the service does.
  void Record(const Provider& provider, Time at) const {
    const auto store = store::OpenSqliteStore(EvidenceStoreFile(folder.path() + "/state")).value();
    const std::string body =
        json::Write(json::Object{{"quote", Base64UrlEncode(simulation.evidence)}});
    EXPECT_TRUE(
        EvidenceBook(*store).Record(provider, {policy::AttestationType::kSgxEnclave, body, at}));
  }
  Options Impact(const char* policy) const {
    for (const auto& [name, content] : simulation.files) Put(name, content);
    Options out = Given("team-a");
    out.file = Put("policy.txt", AsBytes(policy));
    out.kind = "sgx";
    out.collateral = folder.path() + "/collateral";
    out.trust_roots = {folder.path() + "/root.pem"};
    out.at = FormatTime(simulation.at);
    return out;
  }
};

Time Now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

TEST(Provider, IsCreatedOnceAndDeletedWithItsKeys) {
  const State with;
  ASSERT_TRUE(RunProviderCreate(with.Given("team-a")));
  EXPECT_FALSE(RunProviderCreate(with.Given("team-a")));
  EXPECT_FALSE(RunProviderCreate(with.Given("../a")));
  EXPECT_TRUE(RunProviderList(with.Given("")));
  EXPECT_TRUE(RunProviderShow(with.Given("team-a")));
  EXPECT_FALSE(RunProviderShow(with.Given("team-b")));
  const Provider provider = with.Find("team-a")->provider;
  const std::string keys = ProviderFolder(with.folder.path() + "/state", provider);
  ASSERT_TRUE(OpenStateDir(keys, "https://a", {}, false, TokenAlgorithm::kEs256, Now()));
  with.Record(provider, Now());
  ASSERT_TRUE(RunProviderDelete(with.Given("team-a")));
  EXPECT_FALSE(std::filesystem::exists(keys));
  EXPECT_FALSE(with.Find("team-a"));
  EXPECT_FALSE(RunProviderDelete(with.Given("team-a")));
  ASSERT_TRUE(RunProviderCreate(with.Given("team-a")));
  EXPECT_NE(with.Find("team-a")->provider.id, provider.id);
}

TEST(Provider, NeedsAStateFolderToBeListed) {
  const State with;
  EXPECT_FALSE(RunProviderList(with.Given("")));
  EXPECT_FALSE(std::filesystem::exists(with.folder.path() + "/state"));
}

TEST(Provider, IsolatedNeedsASigner) {
  const State with;
  Options options = with.Given("iso");
  options.model = "isolated";
  EXPECT_FALSE(RunProviderCreate(options));
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "manager";
  request.not_before = Now();
  const std::string pem = CertificateToPem(*IssueCertificate(key, request, key, nullptr).value());
  options.certificates = {with.Put("signer.pem", AsBytes(pem))};
  ASSERT_TRUE(RunProviderCreate(options));
  EXPECT_EQ(with.Find("iso")->certificates.size(), 1U);
}

TEST(PolicyImpact, NamesWhoWouldLoseAccessAndWhy) {
  const State with;
  Options create = with.Given("team-a");
  create.record_days = 30;
  ASSERT_TRUE(RunProviderCreate(create));
  const Provider provider = with.Find("team-a")->provider;
  for (const int days : {20, 3, 1}) with.Record(provider, Now() - std::chrono::hours(24 * days));

  const auto loses = MeasureImpact(with.Impact(kOnlyDebug));
  ASSERT_TRUE(loses) << loses.error().message;
  EXPECT_EQ(loses->exit_code, 1);
  EXPECT_EQ(*loses->json.Find("recorded")->AsInt(), 2) << "of the last 7 days";
  EXPECT_EQ(*loses->json.Find("lose")->AsInt(), 2);
  const json::Array& groups = *loses->json.Find("groups")->AsArray();
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(*groups[0].Find("count")->AsInt(), 2);
  const json::Value& nearest = *groups[0].Find("explanation")->Find("nearest");
  EXPECT_EQ(*nearest.Find("rule")->Find("line")->AsInt(), 3);
  EXPECT_EQ(*nearest.Find("changes")->AsArray()->at(0).Find("found")->AsString(), "false");
  EXPECT_NE(loses->text.find("2 would lose access"), std::string::npos) << loses->text;

  Options all = with.Impact(kPermit);
  all.days = 30;
  const auto keeps = MeasureImpact(all);
  ASSERT_TRUE(keeps) << keeps.error().message;
  EXPECT_EQ(keeps->exit_code, 0);
  EXPECT_EQ(*keeps->json.Find("same")->AsInt(), 3);
}

TEST(PolicyEval, DecidesOnEvidenceThatWasRecorded) {
  const State with;
  Options create = with.Given("team-a");
  create.record_days = 30;
  ASSERT_TRUE(RunProviderCreate(create));
  with.Record(with.Find("team-a")->provider, Now());
  Options options = with.Impact(kOnlyDebug);
  options.recorded = HexEncode(Sha256(with.simulation.evidence));
  const auto denied = EvaluatePolicyFile(options);
  ASSERT_TRUE(denied) << denied.error().message;
  EXPECT_EQ(denied->exit_code, 1);
  options.file = with.Put("permit.txt", AsBytes(kPermit));
  EXPECT_EQ(EvaluatePolicyFile(options)->exit_code, 0);
  options.recorded.back() = options.recorded.back() == '0' ? '1' : '0';
  EXPECT_FALSE(EvaluatePolicyFile(options)) << "recorded no such evidence";
}

TEST(PolicyImpact, SaysWhatNoLongerVerifies) {
  const State with;
  Options create = with.Given("team-a");
  create.record_days = 30;
  ASSERT_TRUE(RunProviderCreate(create));
  with.Record(with.Find("team-a")->provider, Now());
  Options late = with.Impact(kPermit);
  late.at = FormatTime(with.simulation.at + std::chrono::hours(24 * 3650));
  const auto answer = MeasureImpact(late);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer->json.Find("notTrusted")->AsInt(), 1);
}

TEST(PolicyImpact, NeedsAProviderThatRecords) {
  const State with;
  ASSERT_TRUE(RunProviderCreate(with.Given("team-a")));
  const auto answer = MeasureImpact(with.Impact(kPermit));
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().hint.find("--record-days"), std::string::npos);
}

}  // namespace
}  // namespace assay::cli
