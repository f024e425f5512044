// What a relying party does that knows an issuer's URL and nothing else.
import assert from "node:assert/strict";
import { createRemoteJWKSet, jwtVerify } from "jose";

// The metadata of `issuer`, which must name itself in them (OpenID Connect Discovery 1.0, §4.3).
export async function discover(issuer) {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  assert.equal(response.status, 200, `metadata of ${issuer}`);
  const metadata = await response.json();
  assert.equal(metadata.issuer, issuer);
  assert.equal(new URL(metadata.jwks_uri).protocol, "https:");
  return metadata;
}

// The keys of `issuer`; `caching` is of jose (cooldownDuration and cacheMaxAge, in ms).
export async function keysOf(issuer, caching = {}) {
  return createRemoteJWKSet(new URL((await discover(issuer)).jwks_uri), caching);
}

// Signature, algorithm, type, issuer and times. `options` are of jose's jwtVerify.
export function validate(token, keys, issuer, algorithm, options = {}) {
  return jwtVerify(token, keys, {
    issuer,
    algorithms: [algorithm],
    typ: "JWT",
    requiredClaims: ["exp", "nbf", "iat"],
    ...options,
  });
}

// What POST /attest/{kind} takes of each evidence that evidence.mjs writes.
export const kinds = [
  ["SgxEnclave", "sgx", "sgx"],
  ["OpenEnclave", "openEnclave", "sgx"],
  ["TdxVm", "tdx", "tdxvm"],
  ["SevSnpVm", "snp", "sevsnpvm"],
];

// The token that `provider` issues for the evidence; an error that holds its answer otherwise.
export async function attest(provider, kind, given, more = {}) {
  const { quote, report, runtimeData } = given;
  const data = runtimeData && { data: runtimeData, dataType: "Binary" };
  const response = await fetch(`${provider}/attest/${kind}?api-version=2025-06-01`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ quote, report, runtimeData: data, ...more }),
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body.error));
  return body.token;
}
