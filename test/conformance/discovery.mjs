// Validates the service's tokens with jose, from what OpenID Connect discovery tells and no more:
//
//   ASSAY_URL       https://localhost:8443, started with --insecure-open-management
//   ASSAY_ALG       how it signs: RS256 or ES256
//   ASSAY_CUSTOM, ASSAY_OTHER   names of two providers; the first takes policies that are not signed
//   ASSAY_EVIDENCE  as for run.mjs
//
// Types without evidence are counted as skipped, never as passed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { AttestationAdministrationClient } from "@azure/attestation";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { attest, discover, keysOf, kinds, validate } from "./relying_party.mjs";

const { ASSAY_URL: shared, ASSAY_ALG: algorithm } = process.env;
const custom = `${shared}/providers/${process.env.ASSAY_CUSTOM}`;
const other = `${shared}/providers/${process.env.ASSAY_OTHER}`;
const evidence = JSON.parse(readFileSync(process.env.ASSAY_EVIDENCE, "utf8"));
const [anyKind, anyEvidence] = kinds.find(([, needs]) => evidence[needs]);
const count = { passed: 0, failed: 0, skipped: 0 };

async function test(name, run) {
  try {
    await run();
    count.passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    count.failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}

const refused = (promise, code) => assert.rejects(promise, { code });
const tokenOf = (provider, more) => attest(provider, anyKind, evidence[anyEvidence], more);
const nobody = { getToken: async () => ({ token: "none", expiresOnTimestamp: Date.now() + 3.6e6 }) };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

for (const [name, issuer] of [["shared", shared], ["custom", custom]]) {
  for (const [kind, needs, type] of kinds) {
    if (!evidence[needs]) {
      count.skipped += 1;
      console.log(`skip ${name}, ${kind}: no evidence "${needs}"`);
      continue;
    }
    await test(`${name}, ${kind}: the ${algorithm} token validates by discovery`, async () => {
      const token = await attest(issuer, kind, evidence[needs], { nonce: "n-1" });
      const { payload, protectedHeader } =
        await validate(token, await keysOf(issuer), issuer, algorithm);
      assert.equal(payload["x-ms-attestation-type"], type);
      assert.equal(payload.nonce, "n-1");
      assert.equal(protectedHeader.jku, (await discover(issuer)).jwks_uri);
    });
  }

  await test(`${name}: the metadata name ${algorithm}`, async () => {
    const { id_token_signing_alg_values_supported: named } = await discover(issuer);
    assert.ok(named.includes(algorithm), named);
  });

  await test(`${name}: a token of another algorithm than the expected one is refused`, async () => {
    const unexpected = algorithm === "RS256" ? "ES256" : "RS256";
    await refused(validate(await tokenOf(issuer), await keysOf(issuer), issuer, unexpected),
      "ERR_JOSE_ALG_NOT_ALLOWED");
  });

  await test(`${name}: a claim that was changed is refused`, async () => {
    const [head, payload, signature] = (await tokenOf(issuer)).split(".");
    const changed = encode({ ...decodeJwt(`${head}.${payload}.`), nonce: "changed" });
    await refused(validate(`${head}.${changed}.${signature}`, await keysOf(issuer), issuer, algorithm),
      "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  });

  await test(`${name}: the unsecured token of a draft is refused`, async () => {
    const draft = "version=1.0; authorizationrules { => permit(); }; issuancerules { };";
    const token = await tokenOf(issuer, { draftPolicyForAttestation: draft });
    assert.equal(decodeProtectedHeader(token).alg, "none");
    await refused(validate(token, await keysOf(issuer), issuer, algorithm),
      "ERR_JOSE_ALG_NOT_ALLOWED");
  });
}

await test("a token holds until the time that the policy gave it, and no longer", async () => {
  const admin = new AttestationAdministrationClient(custom, nobody, {
    validationOptions: { validateToken: false },
  });
  const policy = "version=1.0; authorizationrules { => permit(); }; issuancerules " +
    '{ => issueproperty(type="report_validity_in_minutes", value=1); };';
  await admin.setPolicy(anyKind, policy);
  const token = await tokenOf(custom);
  await admin.resetPolicy(anyKind);
  const { iat, exp } = decodeJwt(token);
  assert.equal(exp - iat, 60);
  const at = async (seconds) =>
    validate(token, await keysOf(custom), custom, algorithm, { currentDate: new Date(seconds * 1000) });
  await at(exp - 1);
  await refused(at(exp), "ERR_JWT_EXPIRED");
  await refused(at(exp + 3600), "ERR_JWT_EXPIRED");
  await refused(at(iat - 1), "ERR_JWT_CLAIM_VALIDATION_FAILED");
});

for (const [name, from, to] of [
  ["a custom provider's token at another one", custom, other],
  ["a custom provider's token at the shared one", custom, shared],
  ["the shared provider's token at a custom one", shared, custom],
]) {
  await test(`${name} is refused`, async () => {
    const token = await tokenOf(from);
    const [own, foreign] = [await keysOf(from), await keysOf(to)];
    await validate(token, own, from, algorithm);
    await refused(validate(token, foreign, to, algorithm), "ERR_JWKS_NO_MATCHING_KEY");
    // Each of the two reasons by itself: the key, and the issuer.
    await refused(validate(token, foreign, from, algorithm), "ERR_JWKS_NO_MATCHING_KEY");
    await refused(validate(token, own, to, algorithm), "ERR_JWT_CLAIM_VALIDATION_FAILED");
  });
}

console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
