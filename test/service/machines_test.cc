// Machines that prove themselves again and again, over the API.
#include <gtest/gtest.h>

#include "service/watched_service.h"

namespace assay {
namespace {

using simulate::SimulatedMachine;
using simulate::TpmBoot;

class Machines : public testing::Test {
 protected:
  WatchedService service_;
  SimulatedMachine machine_ = SimulatedMachine::Make().value();
};

TEST_F(Machines, GetATokenForGoodEvidence) {
  const std::string id = service_.Enrol(machine_);
  const HttpResponse response = service_.Attest(id, machine_);
  const json::Value claims = TokenClaims(response, service_.service());
  EXPECT_EQ(*claims.Find("x-ms-attestation-type")->AsString(), "tpm");
  EXPECT_EQ(*claims.Find("secureBootEnabled")->AsBool(), true);
  EXPECT_EQ(*claims.Find("x-assay-machine")->Find("id")->AsString(), id);
  const json::Value* const status = claims.Find("status")->Find("status_list");
  EXPECT_EQ(*status->Find("uri")->AsString(), "https://attest.example/status-list");
  EXPECT_EQ(*status->Find("idx")->AsInt(), 0);
  EXPECT_EQ(*service_.Json(response).Find("next_in")->AsInt(), 60);
  EXPECT_EQ(service_.State(id), "trusted");
}

TEST_F(Machines, SendOnlyWhatIsNew) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const json::Value challenge = service_.Challenge(id);
  EXPECT_EQ(*challenge.Find("ima_known")->AsInt(), 3);
  EXPECT_EQ(*challenge.Find("reset_count")->AsInt(), 7);
  machine_.Run("/opt/other", "other 1");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_, {true, 3})), "trusted");
  EXPECT_EQ(*service_.Challenge(id).Find("ima_known")->AsInt(), 4);
  // What is not known here is asked for whole, and is no drift.
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_, {true, 2})),
            "EvidenceIncomplete ima.known");
  EXPECT_EQ(service_.State(id), "trusted");
}

TEST_F(Machines, ThatBootOtherwiseHaveDriftedAndLearnWhichEvent) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  TpmBoot changed;
  changed.command_line = "/vmlinuz ro mitigations=off";
  machine_.Boot(changed);
  const HttpResponse refused = service_.Attest(id, machine_);
  EXPECT_EQ(refused.status, 403U);
  EXPECT_EQ(service_.Outcome(refused), "MachineDrifted PCR 8");
  const std::string detail =
      *service_.Json(refused).Find("drift")->AsArray()->front().Find("detail")->AsString();
  EXPECT_NE(detail.find("was \"/vmlinuz ro quiet\", is \"/vmlinuz ro mitigations=off\""),
            std::string::npos)
      << detail;
  EXPECT_EQ(service_.State(id), "drifted");
  // Back to what it was: trusted again.
  machine_.Boot({});
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
}

TEST_F(Machines, AreHeldToTheFilesOfTheirRelease) {
  json::Object files;
  for (const auto& [path, content] : TpmBoot().files) {
    files.emplace_back(path, json::Array{"sha256:" + HexEncode(Sha256(AsBytes(content)))});
  }
  const std::string pcr = HexEncode(simulate::MakeTpmLogs({}).pcrs.at(4));
  const std::string release = json::Write(
      json::Object{{"release", "web-1"},
                   {"pcrs", json::Object{{"sha256", json::Object{{"4", json::Array{pcr}}}}}},
                   {"ima", std::move(files)}});
  ASSERT_EQ(service_.Send("PUT", "/releases/web-1", release).status, 200U);
  const std::string id = service_.Enrol(machine_, "web-1");
  ASSERT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
  machine_.Run("/opt/app", "app 1, tampered with");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_, {true, 3})), "MachineDrifted /opt/app");
  // It is still in the list: the next one cannot pass over it.
  EXPECT_EQ(*service_.Challenge(id).Find("ima_known")->AsInt(), 3);
  machine_.Run("/usr/bin/init", "init 1");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_, {true, 4})),
            "EvidenceIncomplete ima.known");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "MachineDrifted /opt/app");
  EXPECT_EQ(service_.State(id), "drifted");
}

// The hole that a list of files has if the list of what ran may be missing.
TEST_F(Machines, CannotLeaveOutTheListOfWhatRan) {
  const std::string release = R"({"release":"web-1","pcrs":{"sha256":{}},"ima":{}})";
  ASSERT_EQ(service_.Send("PUT", "/releases/web-1", release).status, 200U);
  const std::string id = service_.Enrol(machine_, "web-1");
  const std::string nonce = service_.Nonce(id);
  json::Object evidence =
      *json::Parse(machine_.Answer(Base64UrlDecode(nonce).value()).value())->AsObject();
  std::erase_if(evidence, [](const json::Member& one) { return one.first == "ima_log"; });
  EXPECT_EQ(service_.Outcome(service_.Post(id, nonce, json::Write(evidence))),
            "MachineDrifted IMA list");
}

TEST_F(Machines, MoveToTheNextReleaseAndTheOldOneRetires) {
  const auto release = [&](const std::string& name, const std::string& more, const TpmBoot& boot) {
    simulate::Order order;
    order.boot = boot;
    const std::string pcr = HexEncode(simulate::MakeTpmLogs(order).pcrs.at(8));
    const std::string text =
        R"({"release":")" + name + R"(","pcrs":{"sha256":{"8":[")" + pcr + R"("]}})" + more + "}";
    EXPECT_EQ(service_.Send("PUT", "/releases/" + name, text).status, 200U);
  };
  TpmBoot next;
  next.command_line = "/vmlinuz-2 ro quiet";
  release("one", R"(,"successor":"two")", {});
  release("two", "", next);
  const std::string id = service_.Enrol(machine_, "one");
  ASSERT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
  ASSERT_TRUE(service_.machines().Inspect(service_.now));
  EXPECT_FALSE(service_.fleet().releases().Find("one").value()->retired);
  machine_.Boot(next);
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
  EXPECT_EQ(service_.fleet().Get(id)->release, "two");
  ASSERT_TRUE(service_.machines().Inspect(service_.now));
  EXPECT_TRUE(service_.fleet().releases().Find("one").value()->retired);
  machine_.Boot({});
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "MachineDrifted PCR 8");
  EXPECT_EQ(service_.Send("POST", "/machines/" + id + ":approve", R"({"release":"one"})").status,
            409U);
  EXPECT_EQ(service_.Send("DELETE", "/releases/two").status, 409U);
  EXPECT_EQ(service_.Send("DELETE", "/releases/one").status, 200U);
}

// Whose word it is.
class Attackers : public Machines {
 protected:
  void SetUp() override {
    id_ = service_.Enrol(machine_);
    ASSERT_EQ(service_.Attest(id_, machine_).status, 200U);
  }
  std::string id_;
};

TEST_F(Attackers, CannotAnswerForAMachineNorMakeItDrift) {
  const auto other = SimulatedMachine::Make().value();
  EXPECT_EQ(service_.Outcome(service_.Attest(id_, other)), "EvidenceNotTrusted ak.enrolled");
  EXPECT_EQ(service_.State(id_), "trusted");
}

TEST_F(Attackers, CannotUseAQuoteTwice) {
  const std::string nonce = service_.Nonce(id_);
  const std::string evidence = machine_.Answer(Base64UrlDecode(nonce).value()).value();
  EXPECT_EQ(service_.Outcome(service_.Post(id_, nonce, evidence)), "trusted");
  EXPECT_EQ(service_.Outcome(service_.Post(id_, nonce, evidence)), "NonceUsed");
  const std::string next = service_.Nonce(id_);
  EXPECT_EQ(service_.Outcome(service_.Post(id_, next, evidence)), "EvidenceNotTrusted quote.nonce");
}

TEST_F(Attackers, CannotUseAnOldMadeUpOrForeignChallenge) {
  const std::string nonce = service_.Nonce(id_);
  const std::string evidence = machine_.Answer(Base64UrlDecode(nonce).value()).value();
  service_.now += std::chrono::seconds(121);
  EXPECT_EQ(service_.Outcome(service_.Post(id_, nonce, evidence)), "NonceExpired");
  const Bytes made_up(32, std::byte{7});
  EXPECT_EQ(
      service_.Outcome(service_.Post(id_, Encoded(made_up), machine_.Answer(made_up).value())),
      "NonceUnknown");
  const auto other = SimulatedMachine::Make().value();
  const std::string foreign = service_.Nonce(service_.Enrol(other));
  EXPECT_EQ(service_.Outcome(service_.Post(
                id_, foreign, machine_.Answer(Base64UrlDecode(foreign).value()).value())),
            "NonceUnknown");
}

TEST_F(Attackers, GetNothingForARevokedMachine) {
  ASSERT_EQ(service_.Send("POST", "/machines/" + id_ + ":revoke", R"({"reason":"sold"})").status,
            200U);
  EXPECT_EQ(service_.Send("POST", "/machines/" + id_ + ":challenge").status, 403U);
  EXPECT_EQ(service_.Send("POST", "/machines/" + id_ + ":approve").status, 409U);
  EXPECT_FALSE(service_.fleet().Enrol({machine_.ak_name(), {}, "", "ek-certificate", "ab", {}},
                                      service_.now));
}

TEST_F(Machines, ThatNobodyApprovedGetNothing) {
  const auto enrolled = service_.fleet().Enrol(
      {machine_.ak_name(), {}, "", "ek-certificate", "ab", {}}, service_.now);
  const HttpResponse response = service_.Send("POST", "/machines/" + enrolled->id + ":challenge");
  EXPECT_EQ(response.status, 403U);
  EXPECT_NE(response.body.find("MachinePending"), std::string::npos);
  EXPECT_EQ(service_.Send("POST", "/machines/" + std::string(32, 'a') + ":challenge").status, 404U);
}

TEST_F(Machines, ThatAreSilentAreUnreachableAndComeBack) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const Time start = service_.now;
  service_.now = start + service_.fleet().options().patience();
  ASSERT_TRUE(service_.machines().Inspect(start));
  EXPECT_EQ(service_.State(id), "trusted");
  service_.now += std::chrono::seconds(1);
  // A service that was away itself waits as long.
  ASSERT_TRUE(service_.machines().Inspect(service_.now));
  EXPECT_EQ(service_.State(id), "trusted");
  ASSERT_TRUE(service_.machines().Inspect(start));
  EXPECT_EQ(service_.State(id), "unreachable");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
}

TEST_F(Machines, AreListedPageByPageWithTheirHistory) {
  std::set<std::string> ids = {service_.Enrol(machine_)};
  for (int i = 0; i < 4; ++i) ids.insert(service_.Enrol(SimulatedMachine::Make().value()));
  std::set<std::string> listed;
  std::string query = "limit=2";
  for (bool more = true; more;) {
    const json::Value page = service_.Json(service_.Send("GET", "/machines", "", query));
    for (const json::Value& one : *page.Find("machines")->AsArray()) {
      listed.insert(*one.Find("machine")->AsString());
    }
    more = page.Find("next") != nullptr;
    if (more) query = "limit=2&after=" + *page.Find("next")->AsString();
  }
  EXPECT_EQ(listed, ids);
  const std::string& id = *ids.begin();
  const json::Value history = service_.Json(service_.Send("GET", "/machines/" + id + "/history"));
  EXPECT_EQ(history.Find("history")->AsArray()->size(), 2U);
  EXPECT_EQ(*service_.Json(service_.Send("GET", "/machines/" + id)).Find("state")->AsString(),
            "approved");
}

TEST_F(Machines, HaveTheirStateInASignedListAtOnce) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const auto list = [&] {
    const HttpResponse response = service_.Send("GET", "/status-list");
    EXPECT_EQ(response.content_type, "application/statuslist+jwt");
    const std::size_t dot = response.body.find('.');
    const std::string header(AsText(Base64UrlDecode(response.body.substr(0, dot)).value()));
    EXPECT_NE(header.find(R"("typ":"statuslist+jwt")"), std::string::npos) << header;
    const std::string payload = response.body.substr(dot + 1, response.body.rfind('.') - dot - 1);
    const json::Value claims = json::Parse(AsText(Base64UrlDecode(payload).value())).value();
    EXPECT_EQ(*claims.Find("sub")->AsString(), "https://attest.example/status-list");
    return *claims.Find("status_list")->Find("lst")->AsString();
  };
  const std::string trusted = list();
  service_.now += std::chrono::seconds(6);
  ASSERT_EQ(service_.Send("POST", "/machines/" + id + ":revoke").status, 200U);
  EXPECT_NE(list(), trusted);
}

TEST_F(Machines, ThatAreAskedHaveToProveThemselvesBeforeAnythingElse) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const std::string path = "/machines/" + id + ":recheck";
  EXPECT_EQ(service_.Send("POST", path, R"({"within":0})").status, 400U);
  EXPECT_EQ(service_.Send("POST", path, R"({"within":"1"})").status, 400U);
  EXPECT_EQ(service_.State(id), "trusted");
  const json::Value asked = service_.Json(service_.Send("POST", path, R"({"within":20})"));
  EXPECT_EQ(*asked.Find("state")->AsString(), "asked");
  EXPECT_EQ(*asked.Find("due")->AsString(), FormatTime(service_.now + std::chrono::seconds(20)));
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
  EXPECT_EQ(service_.Json(service_.Send("GET", "/machines/" + id)).Find("due"), nullptr);
}

TEST_F(Machines, ThatDoNotAnswerInTimeAreUnreachable) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const Time start = service_.now - std::chrono::hours(1);
  ASSERT_TRUE(service_.fleet().Recheck(id, std::chrono::seconds(20), service_.now));
  service_.now += std::chrono::seconds(20);
  ASSERT_TRUE(service_.machines().Inspect(start));
  EXPECT_EQ(service_.State(id), "asked");
  service_.now += std::chrono::seconds(1);
  // What was due while the service was away may still come.
  ASSERT_TRUE(service_.machines().Inspect(service_.now));
  EXPECT_EQ(service_.State(id), "asked");
  ASSERT_TRUE(service_.machines().Inspect(start));
  EXPECT_EQ(service_.State(id), "unreachable");
  EXPECT_EQ(service_.Outcome(service_.Attest(id, machine_)), "trusted");
}

TEST_F(Machines, HearThatTheyAreAsked) {
  const std::string id = service_.Enrol(machine_);
  ASSERT_EQ(service_.Attest(id, machine_).status, 200U);
  const std::string path = "/machines/" + id + ":wait";
  const auto attest = [this](const HttpResponse& response) {
    return *service_.Json(response).Find("attest")->AsBool();
  };
  const HttpResponse nothing = service_.Send("POST", path, "", "seconds=5");
  EXPECT_FALSE(attest(nothing));
  EXPECT_NE(nothing.again_in.count(), 0);
  HttpResponse waited = service_.Send("POST", path, "", "seconds=5", std::chrono::seconds(5));
  EXPECT_FALSE(attest(waited));
  EXPECT_EQ(waited.again_in.count(), 0);
  ASSERT_TRUE(service_.fleet().Recheck(id, std::chrono::seconds(20), service_.now));
  const HttpResponse asked = service_.Send("POST", path, "", "seconds=5");
  EXPECT_TRUE(attest(asked));
  EXPECT_EQ(asked.again_in.count(), 0);
  ASSERT_TRUE(service_.fleet().Revoke(id, "", service_.now));
  EXPECT_EQ(service_.Send("POST", path).status, 403U);
}

// Nobody else may make the service receive that much.
TEST_F(Machines, MaySendTheirWholeListInAnswerToAChallengeOnly) {
  const std::string id = service_.Enrol(machine_);
  HttpRequest head;
  head.method = "POST";
  head.path = "/machines/" + id + ":attest";
  head.query = "nonce=" + service_.Nonce(id);
  EXPECT_EQ(LargeBodyBytes(service_.site(), head), limits::kEvidenceBytes);
  HttpRequest other = head;
  other.query = "nonce=" + service_.Nonce(service_.Enrol(SimulatedMachine::Make().value()));
  EXPECT_EQ(LargeBodyBytes(service_.site(), other), 0U);
  other = head;
  other.query = "";
  EXPECT_EQ(LargeBodyBytes(service_.site(), other), 0U);
  other = head;
  other.path = "/attest/Tpm";
  EXPECT_EQ(LargeBodyBytes(service_.site(), other), 0U);
  other = head;
  other.method = "PUT";
  EXPECT_EQ(LargeBodyBytes(service_.site(), other), 0U);
  service_.now += limits::kChallengeLife + std::chrono::seconds(1);
  EXPECT_EQ(LargeBodyBytes(service_.site(), head), 0U);
}

}  // namespace
}  // namespace assay
