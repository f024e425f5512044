// POST /machines/{machine}:certify: certificates for keys that a trusted machine quoted.
#include <gtest/gtest.h>

#include "crypto/signing_request.h"
#include "service/watched_service.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

class MachineCertificate : public testing::Test {
 protected:
  HttpResponse Send(const std::string& nonce, View bound, const std::string& more = {}) {
    return service_.Send("POST", "/machines/" + id_ + ":certify",
                         machine_.Answer(Base64UrlDecode(nonce).value(), {}, bound).value(),
                         "nonce=" + nonce + more);
  }
  HttpResponse Certify(View bound, const std::string& more = {}) {
    return Send(service_.Nonce(id_), bound, more);
  }
  HttpResponse CertifyFor(const Names& names, const std::string& more = {}) {
    return Certify(MakeSigningRequest(key_, names).value(), more);
  }
  void ApproveNames(const std::string& names) {
    ASSERT_EQ(
        service_.Send("POST", "/machines/" + id_ + ":approve", R"({"dns":)" + names + "}").status,
        200U);
  }
  std::vector<CertificatePtr> Chain(const HttpResponse& response) {
    EXPECT_EQ(response.status, 200U) << response.body;
    return CertificatesFromPem(*service_.Json(response).Find("certificate")->AsString()).value();
  }
  // The DER of subjectAltName, which holds names as they are.
  static std::string NamesOf(const Certificate& certificate) {
    return std::string(AsText(certificate.Extension("2.5.29.17").value_or(Bytes())));
  }
  static bool Has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  }

  WatchedService service_;
  simulate::SimulatedMachine machine_ = simulate::SimulatedMachine::Make().value();
  const std::string id_ = service_.Enrol(machine_);
  const SigningKey key_ = SigningKey::Generate(KeyType::kP256).value();
};

TEST_F(MachineCertificate, IsForTheQuotedKeyAndNamesTheMachine) {
  const HttpResponse response = CertifyFor({});
  const auto chain = Chain(response);
  ASSERT_EQ(chain.size(), 2U);
  const Certificate& leaf = *chain[0];
  EXPECT_EQ(leaf.key().SpkiDigest(),
            ParseSigningRequest(MakeSigningRequest(key_, {}).value())->key.SpkiDigest());
  EXPECT_EQ(leaf.subject_cn(), id_);
  EXPECT_TRUE(Has(NamesOf(leaf), "https://attest.example/machines/" + id_));
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_TRUE(leaf.IssuedBy(*chain[1]));
  EXPECT_EQ(leaf.not_after(), service_.now + limits::kMachineCertificateLife);
  EXPECT_TRUE(leaf.ValidAt(service_.now));
  EXPECT_EQ(*service_.Json(response).Find("next_in")->AsInt(), 2400);
  const HttpResponse authority = service_.Send("GET", "/machine-ca");
  EXPECT_EQ(authority.body, CertificateToPem(*chain[1]));
}

TEST_F(MachineCertificate, StandsInATokenOfTheSameEvidence) {
  const HttpResponse response = CertifyFor({});
  const json::Value claims = TokenClaims(response, service_.service());
  EXPECT_EQ(*claims.Find("cnf")->Find("x5t#S256")->AsString(),
            Base64UrlEncode(Chain(response)[0]->digest()));
  EXPECT_EQ(*claims.Find("x-assay-machine")->Find("id")->AsString(), id_);
  EXPECT_EQ(service_.State(id_), "trusted");
}

TEST_F(MachineCertificate, HasTheApprovedNamesAndNoOther) {
  ApproveNames(R"(["db.example","db"])");
  EXPECT_TRUE(Has(NamesOf(*Chain(CertifyFor({}))[0]), "db.example"));
  const std::string one = NamesOf(*Chain(CertifyFor({"db"}))[0]);
  EXPECT_TRUE(Has(one, "db"));
  EXPECT_FALSE(Has(one, "db.example"));
  const HttpResponse refused = CertifyFor({"db.example", "bank.example"});
  EXPECT_EQ(refused.status, 403U);
  EXPECT_EQ(service_.Outcome(refused), "NameNotApproved");
  EXPECT_TRUE(Has(refused.body, "bank.example"));
  // Approved again without a word about names: as before; with an empty list: none.
  ASSERT_TRUE(service_.fleet().Approve(id_, "", service_.now));
  EXPECT_EQ(CertifyFor({"db"}).status, 200U);
  ApproveNames("[]");
  EXPECT_EQ(service_.Outcome(CertifyFor({"db"})), "NameNotApproved");
}

TEST_F(MachineCertificate, TakesNamesOfTheDnsOnly) {
  for (const char* names :
       {R"(["*.example"])", R"(["192.0.2.1"])", R"(["a,URI:x"])", R"([1])", R"("db")", R"([""])"}) {
    EXPECT_EQ(
        service_
            .Send("POST", "/machines/" + id_ + ":approve", R"({"dns":)" + std::string(names) + "}")
            .status,
        400U)
        << names;
  }
}

TEST_F(MachineCertificate, LivesAsLongAsAskedWithinBounds) {
  EXPECT_EQ(Chain(CertifyFor({}, "&lifetime=86400"))[0]->not_after(),
            service_.now + std::chrono::hours(24));
  for (const char* wrong : {"59", "86401", "-60", "1h", "99999999999999999999"}) {
    EXPECT_EQ(CertifyFor({}, "&lifetime=" + std::string(wrong)).status, 400U) << wrong;
  }
}

TEST_F(MachineCertificate, NeedsAQuoteThatBindsTheRequest) {
  EXPECT_EQ(service_.Outcome(Certify({})), "CertificateNotBound");
  EXPECT_EQ(service_.Outcome(Certify(AsBytes("no request"))), "InvalidParameter");
  // The request of another, put into evidence that quotes this one.
  const std::string nonce = service_.Nonce(id_);
  const Bytes asked = Base64UrlDecode(nonce).value();
  const Bytes own = MakeSigningRequest(key_, {}).value();
  const Bytes other = MakeSigningRequest(SigningKey::Generate(KeyType::kP256).value(), {}).value();
  std::string evidence = machine_.Answer(asked, {}, own).value();
  evidence.replace(evidence.find(Base64UrlEncode(own)), Base64UrlEncode(own).size(),
                   Base64UrlEncode(other));
  EXPECT_EQ(service_.Outcome(
                service_.Send("POST", "/machines/" + id_ + ":certify", evidence, "nonce=" + nonce)),
            "EvidenceNotTrusted quote.nonce");
}

TEST_F(MachineCertificate, IsGivenOnceForAChallenge) {
  const std::string nonce = service_.Nonce(id_);
  const Bytes request = MakeSigningRequest(key_, {}).value();
  EXPECT_EQ(Send(nonce, request).status, 200U);
  EXPECT_EQ(service_.Outcome(Send(nonce, request)), "NonceUsed");
}

TEST_F(MachineCertificate, IsRefusedToAMachineThatDriftedOrWasRevoked) {
  ASSERT_EQ(CertifyFor({}).status, 200U);
  simulate::TpmBoot changed;
  changed.command_line = "/vmlinuz ro mitigations=off";
  machine_.Boot(changed);
  EXPECT_EQ(service_.Outcome(CertifyFor({})), "MachineDrifted PCR 8");
  EXPECT_EQ(service_.State(id_), "drifted");
  machine_.Boot({});
  EXPECT_EQ(CertifyFor({}).status, 200U);
  const std::string nonce = service_.Nonce(id_);
  ASSERT_TRUE(service_.fleet().Revoke(id_, "lost", service_.now));
  EXPECT_EQ(service_.Outcome(Send(nonce, MakeSigningRequest(key_, {}).value())), "MachineRevoked");
}

// What the policy gives no token, it gives no certificate.
TEST_F(MachineCertificate, IsRefusedWhereThePolicyDenies) {
  service_.SetTpmPolicy("version=1.0; authorizationrules{=> deny();}; issuancerules{};");
  EXPECT_EQ(service_.Outcome(CertifyFor({})), "PolicyEvaluationError");
}

}  // namespace
}  // namespace assay
