// Drives the service with the unmodified Azure SDK client and, where the SDK has no call, by fetch.
//
//   ASSAY_URL            https://localhost:8443
//   NODE_EXTRA_CA_CERTS  the CA file `assay serve` prints
//   ASSAY_EVIDENCE       optional: a JSON file {"sgx": {"quote", "runtimeData"}, "openEnclave":
//                        {"report", "runtimeData"}, "tdx": {...}, "snp": {...}}, all base64url, of
//                        evidence that the running service trusts
//
// Cases without evidence are counted as skipped, never as passed.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { AttestationClient } from "@azure/attestation";

const url = process.env.ASSAY_URL;
if (!url) {
  console.error("ASSAY_URL is not set");
  process.exit(2);
}
const evidence = process.env.ASSAY_EVIDENCE
  ? JSON.parse(readFileSync(process.env.ASSAY_EVIDENCE, "utf8"))
  : {};
const client = new AttestationClient(url);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"));
const count = { passed: 0, failed: 0, skipped: 0 };

async function test(name, needs, run) {
  if (needs && !evidence[needs]) {
    count.skipped += 1;
    console.log(`skip ${name}: no evidence "${needs}"`);
    return;
  }
  try {
    await run(needs && evidence[needs]);
    count.passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    count.failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}

async function post(kind, body, version = "2025-06-01") {
  const query = version ? `?api-version=${version}` : "";
  const response = await fetch(`${url}/attest/${kind}${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

// Checks a token the way a relying party does: key by kid, signature, issuer and times.
async function validate(token) {
  const [head, payload, signature] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url"));
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const { keys } = await (await fetch(`${url}/certs`)).json();
  const key = keys.find(({ kid }) => kid === header.kid);
  assert.ok(key, "kid is in /certs");
  assert.equal(header.alg, "RS256");
  const signed = Buffer.from(`${head}.${payload}`);
  const jwk = createPublicKey({ key, format: "jwk" });
  assert.ok(verify("sha256", signed, jwk, Buffer.from(signature, "base64url")), "signature");
  const metadata = await (await fetch(`${url}/.well-known/openid-configuration`)).json();
  assert.equal(claims.iss, metadata.issuer);
  assert.equal(claims.exp - claims.iat, 8 * 3600);
  assert.ok(claims.nbf <= Date.now() / 1000 + 5 && Date.now() / 1000 < claims.exp);
  return claims;
}

function requireBinding(reportData, runtimeData) {
  const digest = createHash("sha256").update(bytes(runtimeData)).digest("hex");
  assert.ok(reportData.startsWith(digest), "report data carries the hash of the runtime data");
}

async function checkSgxResult(result, given) {
  assert.equal(result.body.verifierType, "sgx");
  assert.match(result.body.mrEnclave, /^[0-9a-f]{64}$/);
  assert.match(result.body.mrSigner, /^[0-9a-f]{64}$/);
  if (given.runtimeData) {
    const held = Buffer.from(result.body.enclaveHeldData).toString("base64url");
    assert.equal(held, given.runtimeData.replace(/=+$/, ""));
  }
  const signers = await client.getAttestationSigners();
  assert.deepEqual(result.token.getTokenProblems(signers, { validateToken: true }), []);
}

await test("SDK getOpenIdMetadata", null, async () => {
  const metadata = await client.getOpenIdMetadata();
  assert.ok(metadata.jwks_uri ?? metadata.jwksUri);
  assert.ok(metadata.issuer);
});

await test("SDK getAttestationSigners", null, async () => {
  const signers = await client.getAttestationSigners();
  assert.ok(signers.length >= 1);
  assert.ok(signers[0].keyId);
  new X509Certificate(signers[0].certificates[0]);
});

await test("/certs gives key and certificate that belong together", null, async () => {
  const { keys } = await (await fetch(`${url}/certs`)).json();
  const certificate = new X509Certificate(Buffer.from(keys[0].x5c[0], "base64"));
  assert.equal(certificate.publicKey.export({ format: "jwk" }).n, keys[0].n);
});

await test("SDK attestSgxEnclave", "sgx", async (given) => {
  const options = given.runtimeData ? { runTimeData: bytes(given.runtimeData) } : {};
  await checkSgxResult(await client.attestSgxEnclave(bytes(given.quote), options), given);
});

await test("SDK attestOpenEnclave", "openEnclave", async (given) => {
  const options = given.runtimeData ? { runTimeData: bytes(given.runtimeData) } : {};
  await checkSgxResult(await client.attestOpenEnclave(bytes(given.report), options), given);
});

for (const [kind, needs, type, reportData] of [
  ["SgxEnclave", "sgx", "sgx", "x-ms-sgx-report-data"],
  ["TdxVm", "tdx", "tdxvm", "tdx_report_data"],
  ["SevSnpVm", "snp", "sevsnpvm", "x-ms-sevsnpvm-reportdata"],
]) {
  await test(`${kind}: token validates by hand`, needs, async ({ quote, report, runtimeData }) => {
    const data = runtimeData && { data: runtimeData, dataType: "Binary" };
    const { status, body } = await post(kind, { quote, report, runtimeData: data, nonce: "n-1" });
    assert.equal(status, 200, JSON.stringify(body.error));
    const claims = await validate(body.token);
    assert.equal(claims["x-ms-attestation-type"], type);
    assert.equal(claims["x-ms-ver"], "1.0");
    assert.equal(claims.nonce, "n-1");
    if (runtimeData) requireBinding(claims[reportData], runtimeData);
  });

  await test(`${kind}: foreign runtime data is denied with reasons`, needs, async (given) => {
    const { quote, report } = given;
    const runtimeData = { data: "Zm9yZWlnbg", dataType: "Binary" };
    const { status, body } = await post(kind, { quote, report, runtimeData });
    assert.equal(status, 400);
    assert.ok(body.failedChecks.length >= 1 && body.failedChecks[0].expected);
  });
}

for (const kind of ["SgxEnclave", "OpenEnclave", "TdxVm", "SevSnpVm"]) {
  await test(`${kind}: refuses what is no evidence`, null, async () => {
    const { status, headers, body } = await post(kind, { quote: "AAAA", report: "AAAA" });
    assert.equal(status, 400);
    assert.ok(body.error.code && body.error.message);
    assert.equal(headers.get("x-ms-error-code"), body.error.code);
  });

  await test(`${kind}: refuses a request without api-version, or an unknown one`, null, async () => {
    assert.equal((await post(kind, {}, "")).status, 400);
    assert.equal((await post(kind, {}, "1999-01-01")).body.error.code, "UnsupportedApiVersionValue");
  });
}

await test("refuses a draft that is no policy, before it looks at the evidence", null, async () => {
  const { status, body } = await post("SgxEnclave", { quote: "AA", draftPolicyForAttestation: "x" });
  assert.equal(status, 400);
  assert.equal(body.error.code, "PolicyParsingError");
});

await test("management is closed unless it was opened", null, async () => {
  const response = await fetch(`${url}/policies/SgxEnclave?api-version=2022-08-01`);
  assert.equal(response.status, 401);
});

await test("refuses bodies that are not JSON or too large", null, async () => {
  assert.equal((await post("SgxEnclave", "{")).status, 400);
  assert.equal((await post("SgxEnclave", `"${"a".repeat(3 << 20)}"`)).status, 413);
});

await test("unknown paths are 404, wrong methods 405", null, async () => {
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  assert.equal((await fetch(`${url}/attest/SgxEnclave`)).status, 405);
});

await test("health and metrics answer", null, async () => {
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^assay_http_requests_total\{/m);
});

console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
