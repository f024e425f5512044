// A ledger behind Azure's interface, with one issuer of tokens whose holders are its users.
#pragma once

#include <gtest/gtest.h>

#include "access/testing.h"
#include "api/azure_ledger_routes.h"
#include "base/percent.h"
#include "ledger/testing_applications.h"

namespace assay {

inline constexpr const char* kLedgerAccess = R"({
  "issuers": [{"issuer": "https://issuer.example", "audiences": ["https://attest.example"]},
              {"issuer": "https://other.example", "audiences": ["https://attest.example"]}],
  "providers": {"shared": {"grants": [
    {"role": "ledger-administrator", "issuer": "https://issuer.example", "claim": "roles",
     "value": "ledger"},
    {"role": "admin", "issuer": "https://issuer.example", "claim": "roles", "value": "all"},
    {"role": "crypto-officer", "issuer": "https://issuer.example", "claim": "roles", "value": "all"},
    {"role": "ledger-reader", "issuer": "https://other.example", "claim": "roles",
     "value": "reads"}]}},
  "ledger": {"issuer": "https://issuer.example"}})";

struct LedgerAnswer {
  unsigned status = 0;
  json::Value body;
  HttpResponse raw;

  std::string Text(std::string_view name) const {
    const json::Value* const value = body.Find(name);
    return value != nullptr && value->AsString() != nullptr ? *value->AsString() : "";
  }
  std::string Code() const {
    const json::Value* const error = body.Find("error");
    return error != nullptr ? *error->Find("code")->AsString() : "";
  }
  std::string Message() const {
    const json::Value* const error = body.Find("error");
    return error != nullptr ? *error->Find("message")->AsString() : "";
  }
  std::string Transaction() const {
    for (const auto& [name, value] : raw.headers) {
      if (name == "x-ms-ccf-transaction-id") return value;
    }
    return "";
  }
};

class AzureLedgerWorld {
 public:
  // Of somebody whose token has that subject, and those roles of the access file.
  static std::string TokenOf(const std::string& subject, const std::string& role = "none") {
    return access_testing::Token().Claim("sub", subject).Claim("roles", json::Array{role}).Text();
  }
  static std::string Root() { return TokenOf("root", "ledger"); }

  LedgerAnswer Send(HttpRequest request) {
    LedgerAnswer out;
    out.raw = RouteAzureLedger(service, gate, request, nullptr);
    out.status = out.raw.status;
    if (!out.raw.body.empty()) out.body = json::Parse(out.raw.body).value();
    return out;
  }
  // `target` is a path, with a query or not; the version is added.
  static HttpRequest Make(std::string method, const std::string& target, std::string body = {}) {
    HttpRequest out;
    out.method = std::move(method);
    const std::size_t question = std::min(target.find('?'), target.size());
    out.path = target.substr(0, question);
    out.query = "api-version=2022-05-13";
    if (question < target.size()) out.query += "&" + target.substr(question + 1);
    out.body = std::move(body);
    return out;
  }
  LedgerAnswer As(const std::string& token, std::string method, const std::string& target,
                  std::string body = {}) {
    HttpRequest request = Make(std::move(method), target, std::move(body));
    request.headers = {{"Authorization", "Bearer " + token}};
    return Send(std::move(request));
  }
  LedgerAnswer Get(const std::string& target) { return As(Root(), "GET", target); }
  LedgerAnswer Post(const std::string& contents, const std::string& query = "") {
    return As(Root(), "POST", "/app/transactions" + query,
              json::Write(json::Object{{"contents", contents}}));
  }
  void SetRole(const std::string& user, const std::string& role) {
    const auto answer = As(Root(), "PATCH", "/app/users/" + PercentEncode(user),
                           json::Write(json::Object{{"assignedRole", role}}));
    EXPECT_EQ(answer.status, 200U) << answer.raw.body;
  }

  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  std::unique_ptr<ledger::Ledger> ledger = ledger::Ledger::Open(*store, ledger::TestKeys()).value();
  access::AccessFile file = access::ParseAccessFile(kLedgerAccess, "").value();
  access::Gate rules{
      file, access_testing::Issuers(file), {false, [] { return access_testing::kNow; }}};
  Gate gate = [this](std::string_view provider, Action action, const HttpRequest& request) {
    return rules.Check(provider, action, request);
  };
  AzureLedgerService service{
      *ledger, ledger::TestNode(), "contoso", "PEM", [] { return access_testing::kNow; }, {}};
};

}  // namespace assay
