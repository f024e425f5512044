// Who may do what in the ledger: tokens, certificates, roles, and users that are entries
// themselves.
#include <gtest/gtest.h>

#include "api/azure_ledger_access.h"
#include "base/encoding.h"
#include "ledger/audit.h"
#include "service/azure_ledger_world.h"

namespace assay {
namespace {

constexpr const char* kEntry = R"({"contents": "x"})";

struct LedgerRequest {
  const char* method;
  const char* target;
  const char* body;
  ledger::LedgerRole needed;
};

constexpr LedgerRequest kEachKind[] = {
    {"GET", "/app/transactions", "", ledger::LedgerRole::kReader},
    {"GET", "/app/transactions/2.1", "", ledger::LedgerRole::kReader},
    {"GET", "/app/transactions/2.1/receipt", "", ledger::LedgerRole::kReader},
    {"GET", "/app/transactions/2.1/status", "", ledger::LedgerRole::kReader},
    {"GET", "/app/transactions/current", "", ledger::LedgerRole::kReader},
    {"GET", "/app/collections", "", ledger::LedgerRole::kReader},
    {"GET", "/app/governance/constitution", "", ledger::LedgerRole::kReader},
    {"GET", "/app/governance/members", "", ledger::LedgerRole::kReader},
    {"GET", "/app/enclaveQuotes", "", ledger::LedgerRole::kReader},
    {"POST", "/app/transactions", kEntry, ledger::LedgerRole::kContributor},
    {"GET", "/app/users", "", ledger::LedgerRole::kAdministrator},
    {"GET", "/app/users/dora", "", ledger::LedgerRole::kAdministrator},
    {"PATCH", "/app/users/dora", R"({"assignedRole": "Reader"})",
     ledger::LedgerRole::kAdministrator},
    {"GET", "/app/ledgerUsers", "", ledger::LedgerRole::kAdministrator},
    {"GET", "/app/ledgerUsers/dora", "", ledger::LedgerRole::kAdministrator},
    {"PATCH", "/app/ledgerUsers/dora", R"({"assignedRoles": ["Reader"]})",
     ledger::LedgerRole::kAdministrator},
};

TEST(AzureLedgerUsers, MayDoWhatTheirRoleSaysAndNoMore) {
  AzureLedgerWorld world;
  world.Post("first");
  world.SetRole("dora", "Reader");
  world.SetRole("rita", "Reader");
  world.SetRole("carl", "Contributor");
  world.SetRole("anna", "Administrator");
  const std::pair<const char*, std::optional<ledger::LedgerRole>> users[] = {
      {"nobody", std::nullopt},
      {"rita", ledger::LedgerRole::kReader},
      {"carl", ledger::LedgerRole::kContributor},
      {"anna", ledger::LedgerRole::kAdministrator}};
  for (const auto& [user, role] : users) {
    for (const LedgerRequest& one : kEachKind) {
      const auto answer =
          world.As(AzureLedgerWorld::TokenOf(user), one.method, one.target, one.body);
      const bool may = role && *role >= one.needed;
      EXPECT_EQ(answer.status, may ? 200U : 403U) << user << " " << one.method << " " << one.target;
      EXPECT_EQ(answer.Code(), may ? "" : "Forbidden");
    }
  }
}

TEST(AzureLedgerUsers, AreRefusedWithoutTokenOrCertificate) {
  AzureLedgerWorld world;
  for (const LedgerRequest& one : kEachKind) {
    const auto answer = world.Send(AzureLedgerWorld::Make(one.method, one.target, one.body));
    EXPECT_EQ(answer.status, 401U) << one.target;
  }
  EXPECT_EQ(world.As("no.token.here", "GET", "/app/collections").status, 401U);
}

TEST(AzureLedgerUsers, HaveNoPartInTheLedgerByOtherRoles) {
  AzureLedgerWorld world;
  // "all" is admin and crypto-officer of the access file.
  const std::string token = AzureLedgerWorld::TokenOf("boss", "all");
  EXPECT_EQ(world.As(token, "GET", "/app/collections").status, 403U);
  // And the other way round.
  HttpRequest request;
  request.headers = {{"Authorization", "Bearer " + AzureLedgerWorld::Root()}};
  for (const Action action : {Action::kRead, Action::kWritePolicy, Action::kManageProvider,
                              Action::kReadKeys, Action::kManageKeys, Action::kReleaseKeys}) {
    EXPECT_FALSE(world.rules.Check("shared", action, request)) << Name(action);
  }
}

TEST(AzureLedgerUsers, AreNamedByOneIssuerAlone) {
  AzureLedgerWorld world;
  world.SetRole("alice", "Administrator");
  const auto other = [](const std::string& role) {
    return access_testing::Token()
        .Claim("iss", "https://other.example")
        .Claim("sub", "alice")
        .Claim("roles", json::Array{role})
        .Text();
  };
  EXPECT_EQ(world.As(AzureLedgerWorld::TokenOf("alice"), "GET", "/app/users").status, 200U);
  EXPECT_EQ(world.As(other("none"), "GET", "/app/collections").status, 403U);
  // What the access file grants holds for each issuer.
  EXPECT_EQ(world.As(other("reads"), "GET", "/app/collections").status, 200U);
  EXPECT_EQ(world.As(other("reads"), "GET", "/app/users").status, 403U);
}

TEST(AzureLedgerUsers, AreKnownByTheirObjectIdWhereTheTokenHasOne) {
  AzureLedgerWorld world;
  world.SetRole("0a1b", "Reader");
  const std::string token =
      access_testing::Token().Claim("sub", "pairwise").Claim("oid", "0a1b").Text();
  EXPECT_EQ(world.As(token, "GET", "/app/collections").status, 200U);
  world.SetRole("pairwise", "Administrator");
  EXPECT_EQ(world.As(token, "GET", "/app/users").status, 403U);
}

struct CertifiedUser {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate;

  explicit CertifiedUser(Time start, int days = 30)
      : certificate(IssueCertificate(key, {"user", {}, start, days}, key, nullptr).value()) {}
  std::string Fingerprint() const { return CertificateFingerprint(certificate->der()); }
  HttpRequest Sends(HttpRequest request) const {
    request.presented_certificate = certificate->der();
    request.client_certificate_fault = "self-signed certificate";
    return request;
  }
};

TEST(AzureLedgerUsers, AreKnownByTheFingerprintOfTheirCertificate) {
  AzureLedgerWorld world;
  const CertifiedUser user(access_testing::kNow - std::chrono::hours(1));
  EXPECT_EQ(user.Fingerprint().size(), 95U);
  const HttpRequest list = AzureLedgerWorld::Make("GET", "/app/collections");
  EXPECT_EQ(world.Send(user.Sends(list)).status, 403U);
  // However it is written.
  std::string digits = user.Fingerprint();
  std::erase(digits, ':');
  for (const std::string& form :
       {user.Fingerprint(), digits, HexEncode(HexDecode(digits).value())}) {
    world.SetRole(form, "Reader");
    EXPECT_EQ(world.Send(user.Sends(list)).status, 200U) << form;
    EXPECT_EQ(world.Get("/app/users/" + PercentEncode(form)).Text("userId"), form);
    EXPECT_EQ(
        world.As(AzureLedgerWorld::Root(), "DELETE", "/app/users/" + PercentEncode(form)).status,
        204U);
    EXPECT_EQ(world.Send(user.Sends(list)).status, 403U) << form;
  }
}

TEST(AzureLedgerUsers, AreNoUsersWhileTheirCertificateIsNotValid) {
  AzureLedgerWorld world;
  const CertifiedUser old(access_testing::kNow - std::chrono::hours(72), 1);
  const CertifiedUser early(access_testing::kNow + std::chrono::hours(1));
  for (const CertifiedUser* user : {&old, &early}) {
    world.SetRole(user->Fingerprint(), "Reader");
    const auto answer = world.Send(user->Sends(AzureLedgerWorld::Make("GET", "/app/collections")));
    EXPECT_EQ(answer.status, 403U);
    EXPECT_NE(answer.Message().find("valid from"), std::string::npos);
  }
}

TEST(AzureLedgerUsers, AreJudgedByTheirTokenWhereBothAreSent) {
  AzureLedgerWorld world;
  const CertifiedUser user(access_testing::kNow - std::chrono::hours(1));
  world.SetRole(user.Fingerprint(), "Administrator");
  HttpRequest request = user.Sends(AzureLedgerWorld::Make("GET", "/app/users"));
  request.headers = {{"Authorization", "Bearer " + AzureLedgerWorld::TokenOf("nobody")}};
  EXPECT_EQ(world.Send(request).status, 403U);
}

TEST(AzureLedgerUsers, AreMadeChangedListedAndRemoved) {
  AzureLedgerWorld world;
  const auto patch = [&](const std::string& path, const std::string& body) {
    return world.As(AzureLedgerWorld::Root(), "PATCH", path, body);
  };
  const auto made = patch("/app/users/u1", R"({"assignedRole": "Contributor", "userId": "u1"})");
  EXPECT_EQ(made.Text("assignedRole"), "Contributor");
  EXPECT_EQ(made.Text("userId"), "u1");
  EXPECT_EQ(made.Transaction(), "2.1");
  EXPECT_EQ(patch("/app/ledgerUsers/u2", R"({"assignedRoles": ["Contributor", "Reader"]})").status,
            200U);
  EXPECT_EQ(world.Get("/app/users/u2").Text("assignedRole"), "Contributor");
  EXPECT_EQ(json::Write(*world.Get("/app/ledgerUsers/u2").body.Find("assignedRoles")),
            R"(["Reader","Contributor"])");
  EXPECT_EQ(world.Get("/app/users").body.Find("ledgerUsers")->AsArray()->size(), 2U);
  EXPECT_EQ(world.Get("/app/ledgerUsers").body.Find("ledgerUsers")->AsArray()->size(), 2U);
  EXPECT_EQ(world.As(AzureLedgerWorld::Root(), "DELETE", "/app/ledgerUsers/u2").status, 204U);
  EXPECT_EQ(world.Get("/app/users/u2").status, 404U);
  EXPECT_EQ(world.As(AzureLedgerWorld::Root(), "DELETE", "/app/users/u2").status, 404U);
  EXPECT_EQ(world.Get("/app/users").body.Find("ledgerUsers")->AsArray()->size(), 1U);
}

TEST(AzureLedgerUsers, AreRefusedWithRolesOrIdsThatAreNone) {
  AzureLedgerWorld world;
  const auto patch = [&](const std::string& path, const std::string& body) {
    return world.As(AzureLedgerWorld::Root(), "PATCH", path, body).status;
  };
  for (const char* body : {"", "{}", R"({"assignedRole": "Owner"})", R"({"assignedRole": 1})",
                           R"({"assignedRole": "reader"})", R"({"assignedRole": ["Reader"]})"}) {
    EXPECT_EQ(patch("/app/users/u", body), 400U) << body;
  }
  for (const char* body : {"{}", R"({"assignedRoles": []})", R"({"assignedRoles": ["Owner"]})",
                           R"({"assignedRoles": "Reader"})"}) {
    EXPECT_EQ(patch("/app/ledgerUsers/u", body), 400U) << body;
  }
  const std::string reader = R"({"assignedRole": "Reader"})";
  EXPECT_EQ(patch("/app/users/a%20b", reader), 400U);
  EXPECT_EQ(patch("/app/users/a%2Fb", reader), 400U);
  EXPECT_EQ(patch("/app/users/" + std::string(257, 'x'), reader), 400U);
  EXPECT_EQ(patch("/app/users/", reader), 404U);
  EXPECT_EQ(world.ledger->checkpoint().size, 0U);
}

TEST(AzureLedgerUsers, AreEntriesOfTheLedger) {
  AzureLedgerWorld world;
  world.SetRole("u1", "Reader");
  const auto proof =
      ledger::VerifyEntryProof(world.ledger->Prove(0).value(), world.ledger->verifier());
  ASSERT_TRUE(proof && proof->record);
  EXPECT_EQ(proof->record->kind, ledger::RecordKind::kAdministration);
  EXPECT_EQ(proof->record->actor, "root");
  EXPECT_EQ(proof->record->subject, "ledger user u1");
  EXPECT_EQ(proof->record->detail, "Reader");
  const ledger::LedgerKeys keys = ledger::TestKeys();
  EXPECT_TRUE(ledger::AuditStore(*world.store, world.ledger->verifier(), &keys.data)->ok());
}

TEST(AzureLedgerUsers, AreEverybodyWhereManagementIsOpen) {
  AzureLedgerWorld world;
  const Gate open = GateWithoutIdentities(true);
  HttpRequest request = AzureLedgerWorld::Make("GET", "/app/users");
  EXPECT_EQ(RouteAzureLedger(world.service, open, request, nullptr).status, 200U);
  const Gate closed = GateWithoutIdentities(false);
  EXPECT_EQ(RouteAzureLedger(world.service, closed, request, nullptr).status, 401U);
}

}  // namespace
}  // namespace assay
