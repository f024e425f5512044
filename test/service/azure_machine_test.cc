// A confidential VM of Azure that the monitor watches: the processor vouches for its virtual TPM.
#include <gtest/gtest.h>

#include "service/simulated_service.h"
#include "store/memory_store.h"

namespace assay {
namespace {

class AzureMachine : public testing::Test {
 protected:
  AzureMachine() {
    const simulate::Simulation known = simulate::Simulate("azure", "").value();
    const auto& fleet_machine = fleet().Enrol(
        {known.expectations.enrolled_aks.front(), "", "cvm-1", "ak-certificate", "ab", {}}, now_);
    id_ = fleet_machine->id;
    EXPECT_TRUE(fleet().Approve(id_, "", now_));
  }

  // What the machine answers to a challenge of this service, with that fault.
  HttpResponse Attest(std::string_view fault) {
    const std::string subject = ChallengeSubject(fleet(), id_);
    const Bytes nonce = machines_->challenges().Give(subject, now_).value();
    const auto simulation = simulate::Simulate("azure", fault, {.report_data = nonce}).value();
    Appraiser appraiser(simulation.roots);
    FixedSource source(std::make_shared<const Collateral>(simulation.collateral));
    AttestServiceOptions options;
    options.issuer = "https://attest.example";
    options.clock = [this] { return now_; };
    options.evidence_clock = [at = simulation.at] { return at; };
    AttestService service(appraiser, source, {MakeSigner()}, options);
    HttpRequest request;
    request.method = "POST";
    request.path = "/machines/" + id_ + ":attest";
    request.query = "nonce=" + Base64UrlEncode(nonce);
    request.body = AsText(simulation.evidence);
    HttpResponse out =
        Route(Site{service, nullptr, GateWithoutIdentities(true), machines_.get()}, request);
    if (out.status == 200) claims_ = TokenClaims(out, service);
    return out;
  }

  monitor::Fleet& fleet() { return *machines_->Fleets().front(); }
  std::string State() { return std::string(Name(fleet().Get(id_)->state)); }

  const Time now_ = FromUnixSeconds(kTokenTime);
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  std::unique_ptr<MachineService> machines_ = [this] {
    MachineServiceOptions options;
    options.clock = [this] { return now_; };
    return MachineService::Make(*store_, std::move(options)).value();
  }();
  std::string id_;
  json::Value claims_;
};

TEST_F(AzureMachine, GetsATokenThatNamesItsIsolation) {
  EXPECT_EQ(Attest("").status, 200U);
  EXPECT_EQ(*claims_.Find("x-assay-machine")->Find("id")->AsString(), id_);
  EXPECT_EQ(*claims_.Find("x-ms-attestation-type")->AsString(), "azurevm");
  EXPECT_NE(claims_.Find("x-ms-isolation-tee"), nullptr);
  EXPECT_EQ(State(), "trusted");
}

TEST_F(AzureMachine, WhoseProcessorDoesNotVouchForItHasDrifted) {
  ASSERT_EQ(Attest("").status, 200U);
  const HttpResponse refused = Attest("report.report_data");
  EXPECT_EQ(ErrorCode(refused), "EvidenceNotTrusted") << refused.body;
  EXPECT_NE(refused.body.find("report.report_data"), std::string::npos);
  EXPECT_EQ(State(), "drifted");
}

// Evidence of another machine's key says nothing about this one.
TEST_F(AzureMachine, IsNotHarmedByEvidenceOfOthers) {
  ASSERT_EQ(Attest("").status, 200U);
  for (const char* const fault : {"ak.runtime_data", "quote.signature"}) {
    EXPECT_EQ(ErrorCode(Attest(fault)), "EvidenceNotTrusted");
    EXPECT_EQ(State(), "trusted") << fault;
  }
}

}  // namespace
}  // namespace assay
