// Several providers in one service, without its network.
#pragma once

#include "api/provider_host.h"
#include "base/encoding.h"
#include "provider/management_token.h"
#include "service/simulated_service.h"
#include "store/memory_store.h"
#include "token/testing.h"

namespace assay {

// One who signs changes of policies.
struct Manager {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate = Issue();

  CertificatePtr Issue() const {
    CertificateRequest request;
    request.common_name = "manager";
    request.not_before = FromUnixSeconds(kTokenTime - 3600);
    return IssueCertificate(key, request, key, nullptr).value();
  }
  std::string Sign(std::string_view payload) const {
    const json::Object header{{"alg", "ES256"},
                              {"x5c", json::Array{Base64Encode(certificate->der())}}};
    return token_testing::Signed(key, json::Write(header), payload);
  }
  std::string SignPolicy(std::string_view policy) const {
    return Sign(json::Write(json::Object{{"AttestationPolicy", Base64UrlEncode(AsBytes(policy))}}));
  }
};

inline std::string CertificatePayload(const Certificate& certificate) {
  return json::Write(json::Object{
      {"policyCertificate",
       json::Object{{"kty", "EC"}, {"x5c", json::Array{Base64Encode(certificate.der())}}}}});
}

inline constexpr std::string_view kPermit = "version=1.0; authorizationrules { => permit(); };";
inline constexpr std::string_view kDeny = "version=1.0; authorizationrules { => deny(); };";

// The shared provider at the root and, in the same process, team-a and team-b (AAD) and iso
// (isolated, managed by `manager`). Management is open unless `gate` says otherwise.
class Providers {
 public:
  explicit Providers(Gate gate = GateWithoutIdentities(true)) : gate_(std::move(gate)) {
    Make("team-a", TrustModel::kAad, {});
    Make("team-b", TrustModel::kAad, {});
    Make("iso", TrustModel::kIsolated, {manager.certificate});
  }

  void Make(std::string_view name, TrustModel model, std::vector<CertificatePtr> certificates,
            int requests_per_minute = 0) {
    Provider provider = NewProvider(name, model, 0, FromUnixSeconds(kTokenTime)).value();
    provider.requests_per_minute = requests_per_minute;
    EXPECT_TRUE(ProviderBook(*store).Create(provider, certificates));
  }

  HttpResponse Send(std::string method, std::string path, std::string body = {},
                    std::string query = "api-version=2022-08-01") {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    return Send(request);
  }
  HttpResponse Send(const HttpRequest& request) {
    return Route(Site{root.service, &host, gate_}, request);
  }
  HttpResponse Attest(const std::string& prefix) {
    return Send("POST", prefix + "/attest/SgxEnclave",
                json::Write(json::Object{{"quote", Encoded(root.simulation.evidence)}}));
  }

  // The claims of an answer of `provider`, whose signature is checked with that provider's key.
  json::Value Claims(const HttpResponse& response, std::string_view provider) {
    return TokenClaims(response, *host.Find(provider).value());
  }
  std::string Member(const HttpResponse& response, std::string_view provider,
                     std::string_view name) {
    const json::Value claims = Claims(response, provider);
    const json::Value* value = claims.Find(name);
    return value != nullptr && value->AsString() != nullptr ? *value->AsString() : "(none)";
  }
  // The text of the policy in force.
  std::string PolicyText(std::string_view provider) {
    const std::string path = "/providers/" + std::string(provider) + "/policies/SgxEnclave";
    return StoredPolicyText(Member(Send("GET", path), provider, "x-ms-policy")).value();
  }

  Service root{"sgx"};
  Manager manager;
  std::mutex recorded_mutex;          // guards recorded
  std::vector<std::string> recorded;  // bodies of all providers
  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  ProviderHost host{*store, [this](const Provider& provider) { return MakeService(provider); }};

 private:
  Result<std::shared_ptr<AttestService>> MakeService(const Provider& provider) {
    AttestServiceOptions options;
    options.issuer = "https://attest.example/providers/" + provider.name;
    options.clock = [] { return FromUnixSeconds(kTokenTime); };
    options.evidence_clock = [at = root.simulation.at] { return at; };
    options.record = [this](policy::AttestationType, std::string_view body) {
      const std::lock_guard lock(recorded_mutex);
      recorded.emplace_back(body);
    };
    return std::make_shared<AttestService>(appraiser_, source_,
                                           std::vector<TokenSigner>{MakeSigner()}, options);
  }

  Gate gate_;
  Appraiser appraiser_{root.simulation.roots};
  FixedSource source_{std::make_shared<const Collateral>(root.simulation.collateral)};
};

}  // namespace assay
