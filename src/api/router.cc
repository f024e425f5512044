#include "api/router.h"

#include <array>
#include <chrono>
#include <optional>

#include "api/resources.h"
#include "base/encoding.h"

namespace assay {
namespace {

using Resource = HttpResponse (*)(AttestService&, const HttpRequest&);

template <AttestKind kKind>
HttpResponse Attest(AttestService& service, const HttpRequest& request) {
  return PostAttest(service, kKind, request);
}

using access::Action;

struct Entry {
  std::string_view method;
  std::string_view path;
  Resource resource;
  std::optional<Action> action;  // nothing: what relying parties and probes need, for everybody
};

constexpr std::array kRoutes = std::to_array<Entry>({
    {"POST", "/attest/SgxEnclave", Attest<AttestKind::kSgxEnclave>, Action::kAttest},
    {"POST", "/attest/OpenEnclave", Attest<AttestKind::kOpenEnclave>, Action::kAttest},
    {"POST", "/attest/TdxVm", Attest<AttestKind::kTdxVm>, Action::kAttest},
    {"POST", "/attest/SevSnpVm", Attest<AttestKind::kSevSnpVm>, Action::kAttest},
    {"GET", "/certs", GetCerts, {}},
    {"GET", "/.well-known/openid-configuration", GetOpenIdConfiguration, {}},
    {"GET", "/healthz", GetHealth, {}},
    {"GET", "/readyz", GetHealth, {}},
    {"GET", "/metrics", GetMetrics, {}},
});

// What the gate says to this request for that resource; nothing when it may go on.
std::optional<HttpResponse> Refuse(const Entry& entry, const access::Gate& gate,
                                   const HttpRequest& request, access::Principal* who) {
  if (!entry.action) return std::nullopt;
  auto allowed = gate.Check(kRootProvider, *entry.action, request);
  if (!allowed) return RefusalResponse(allowed.error());
  if (who != nullptr) *who = std::move(*allowed);
  return std::nullopt;
}

HttpResponse Dispatch(AttestService& service, const access::Gate& gate, const HttpRequest& request,
                      access::Principal* who) {
  std::string allowed;
  for (const Entry& entry : kRoutes) {
    if (entry.path != request.path) continue;
    if (entry.method == request.method) {
      std::optional<HttpResponse> refusal = Refuse(entry, gate, request, who);
      return refusal ? std::move(*refusal) : entry.resource(service, request);
    }
    allowed = entry.method;
  }
  if (allowed.empty()) {
    return ToResponse({404, "NotFound", "there is no such resource", {}});
  }
  HttpResponse out = ToResponse({405, "MethodNotAllowed", "expected " + allowed, {}});
  out.headers.emplace_back("Allow", allowed);
  return out;
}

}  // namespace

HttpResponse Route(AttestService& service, const access::Gate& gate, const HttpRequest& request,
                   access::Principal* who) {
  const auto start = std::chrono::steady_clock::now();
  HttpResponse response = Dispatch(service, gate, request, who);
  // In the form of a W3C trace parent, as Azure Attestation writes it.
  const Result<Bytes> id = RandomBytes(16);
  if (id) {
    response.headers.emplace_back("x-ms-request-id",
                                  "00-" + HexEncode(*id) + "-0000000000000000-00");
  }
  response.headers.emplace_back("x-ms-maa-service-version", "assay");
  const std::string_view client_id = request.Header("x-ms-client-request-id");
  if (!client_id.empty()) {
    response.headers.emplace_back("x-ms-client-request-id", std::string(client_id));
  }
  service.metrics().CountRequest(response.status,
                                 std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start));
  return response;
}

}  // namespace assay
