// GET /certs and GET /.well-known/openid-configuration: what a relying party needs to check tokens.
#include <algorithm>

#include "api/resources.h"

namespace assay {

HttpResponse GetCerts(const Call& call) {
  const Result<json::Value> keys = KeySet(call.service.PublishedSigners());
  if (!keys) return ToResponse({500, "InternalError", "the keys could not be written", {}});
  HttpResponse out;
  out.body = json::Write(*keys);
  return out;
}

HttpResponse GetOpenIdConfiguration(const Call& call) {
  json::Array algorithms;
  for (const TokenSigner& signer : call.service.PublishedSigners()) {
    const bool there = std::any_of(algorithms.begin(), algorithms.end(), [&](const json::Value& v) {
      return *v.AsString() == signer.key.alg();
    });
    if (!there) algorithms.emplace_back(signer.key.alg());
  }
  json::Array claims;
  for (const char* name :
       {"nonce", "x-ms-ver", "x-ms-attestation-type", "x-ms-policy-hash", "x-ms-runtime",
        "x-ms-inittime", "x-ms-sgx-is-debuggable", "x-ms-sgx-mrenclave", "x-ms-sgx-mrsigner",
        "x-ms-sgx-svn", "x-ms-sgx-ehd", "x-ms-sgx-collateral", "is-debuggable", "sgx-mrsigner",
        "sgx-mrenclave", "product-id", "svn", "tee"}) {
    claims.emplace_back(name);
  }
  HttpResponse out;
  out.body =
      json::Write(json::Object{{"response_types_supported", json::Array{"token", "none"}},
                               {"id_token_signing_alg_values_supported", std::move(algorithms)},
                               {"issuer", call.service.issuer()},
                               {"jwks_uri", call.service.issuer() + "/certs"},
                               {"claims_supported", std::move(claims)}});
  return out;
}

}  // namespace assay
