// Bodies of POST /attest/*: whatever a client sends is answered with 400 and a code; the service
// never fails, and without collateral it never issues a token. The first byte chooses the kind.
#include <array>
#include <cstdlib>

#include "api/router.h"
#include "base/json.h"
#include "tee/core/roots.h"

namespace {

using namespace assay;

constexpr std::array<const char*, 6> kPaths = {"/attest/SgxEnclave", "/attest/OpenEnclave",
                                               "/attest/TdxVm",      "/attest/SevSnpVm",
                                               "/attest/AzureGuest", "/attest/Tpm"};

// Stands as long as the process: a key takes longer to make than an input to try.
struct Fixture {
  Appraiser appraiser{DefaultRoots()};
  FixedSource source{std::make_shared<const Collateral>()};
  AttestService service{appraiser, source, Signers(), Options()};

  static std::vector<TokenSigner> Signers() {
    const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
    CertificateRequest request;
    request.common_name = "fuzz";
    return {{key, IssueCertificate(key, request, key, nullptr).value()}};
  }

  static AttestServiceOptions Options() {
    AttestServiceOptions options;
    options.issuer = "https://localhost";
    options.clock = options.evidence_clock = [] { return FromUnixSeconds(1750000000); };
    return options;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fixture fixture;
  if (size == 0) return 0;
  HttpRequest request;
  request.method = "POST";
  request.path = kPaths[data[0] % kPaths.size()];
  request.query = "api-version=2025-06-01";
  request.body = AsText(std::as_bytes(std::span(data + 1, size - 1)));
  const HttpResponse response = Route(fixture.service, request);
  const auto answer = json::Parse(response.body);
  // A challenge is the one thing that everybody gets for the asking.
  if (response.status == 200 && answer && answer->Find("data") != nullptr) return 0;
  if (response.status != 400 || !answer || answer->Find("error") == nullptr) std::abort();
  return 0;
}
