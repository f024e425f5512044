// A service that watches simulated machines, without network and disk.
#pragma once

#include <string>

#include "service/simulated_service.h"
#include "simulate/machine.h"
#include "store/memory_store.h"

namespace assay {

class WatchedService {
 public:
  explicit WatchedService(monitor::FleetOptions fleet = {}, LedgerService* ledger = nullptr)
      : service_(appraiser_, source_, {MakeSigner()}, Options(ledger)),
        machines_(MachineService::Make(*store_, MachineOptions(std::move(fleet))).value()),
        site_{service_, nullptr, GateWithoutIdentities(true), machines_.get(), nullptr, ledger} {}

  HttpResponse Send(std::string method, std::string path, std::string body = {},
                    std::string query = {}, std::chrono::milliseconds waited = {}) {
    HttpRequest request;
    request.waited = waited;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    return Route(site_, request);
  }
  json::Value Json(const HttpResponse& response) { return json::Parse(response.body).value(); }

  // As enrolment would have done it.
  std::string Enrol(const simulate::SimulatedMachine& machine, std::string_view release = {}) {
    const monitor::Machine enrolled =
        fleet()
            .Enrol({machine.ak_name(), machine.ak_spki(), "web-1", "ek-certificate", "ab12", {}},
                   now)
            .value();
    EXPECT_TRUE(fleet().Approve(enrolled.id, release, now));
    return enrolled.id;
  }

  json::Value Challenge(const std::string& id) {
    const HttpResponse response = Send("POST", "/machines/" + id + ":challenge");
    EXPECT_EQ(response.status, 200U) << response.body;
    return Json(response);
  }
  std::string Nonce(const std::string& id) { return *Challenge(id).Find("nonce")->AsString(); }

  HttpResponse Post(const std::string& id, const std::string& nonce, const std::string& evidence) {
    return Send("POST", "/machines/" + id + ":attest", evidence, "nonce=" + nonce);
  }
  HttpResponse Attest(const std::string& id, const simulate::SimulatedMachine& machine,
                      const simulate::LeftOut& left_out = {}) {
    const std::string nonce = Nonce(id);
    return Post(id, nonce, machine.Answer(Base64UrlDecode(nonce).value(), left_out).value());
  }
  // "trusted", or the code of the error and what it names.
  std::string Outcome(const HttpResponse& response) {
    const json::Value body = Json(response);
    if (response.status == 200) return *body.Find("state")->AsString();
    std::string out = *body.Find("error")->Find("code")->AsString();
    for (const auto& [list, name] :
         {std::pair("failedChecks", "name"), std::pair("drift", "what")}) {
      if (body.Find(list) == nullptr) continue;
      for (const json::Value& one : *body.Find(list)->AsArray()) {
        out += " " + *one.Find(name)->AsString();
      }
    }
    return out;
  }
  std::string State(const std::string& id) {
    return std::string(Name(fleet().Get(id).value().state));
  }

  // The same, with a vault beside it.
  Site SiteWith(KeyService& keys) {
    Site out = site_;
    out.keys = &keys;
    return out;
  }

  void SetTpmPolicy(std::string text) {
    service_.SetPolicies(
        PolicySet::Make({{policy::AttestationType::kTpm, std::move(text)}}).value());
  }

  const Site& site() const { return site_; }
  monitor::Fleet& fleet() { return machines_->FleetOf(service_); }
  MachineService& machines() { return *machines_; }
  const AttestService& service() const { return service_; }

  Time now = FromUnixSeconds(kTokenTime);

 private:
  AttestServiceOptions Options(LedgerService* ledger) {
    AttestServiceOptions out;
    out.decisions = DecisionsOf(ledger);
    out.issuer = "https://attest.example";
    out.clock = out.evidence_clock = [this] { return now; };
    return out;
  }
  MachineServiceOptions MachineOptions(monitor::FleetOptions fleet) {
    MachineServiceOptions out;
    out.fleet = std::move(fleet);
    out.clock = [this] { return now; };
    const TokenSigner made = MakeAuthority();
    out.authority = MachineAuthority{made.key, made.certificate};
    return out;
  }
  TokenSigner MakeAuthority() const {
    const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
    CertificateRequest request;
    request.common_name = "machines of the test";
    request.not_before = now;
    request.is_ca = true;
    return {key, IssueCertificate(key, request, key, nullptr).value()};
  }

  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  Appraiser appraiser_{TrustedRoots{}};
  FixedSource source_{std::make_shared<const Collateral>()};
  AttestService service_;
  std::unique_ptr<MachineService> machines_;
  const Site site_;
};

}  // namespace assay
