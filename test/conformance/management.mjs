// Every public method of the unmodified AttestationAdministrationClient, against custom providers:
//
//   ASSAY_URL            https://localhost:8443
//   ASSAY_TOKENS         a folder with bearer tokens: contributor (of both providers), reader (of
//                        both), other (a contributor of neither)
//   ASSAY_AAD, ASSAY_ISOLATED   names of two providers; the second one's list has SIGNER alone
//   ASSAY_SIGNERS        a folder with signer.pem/.key, second.pem/.key and stranger.pem/.key
//   ASSAY_EVIDENCE       as for run.mjs; its SGX quote is trusted by the service
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  AttestationAdministrationClient,
  AttestationClient,
  createAttestationPolicyToken,
  KnownAttestationType,
} from "@azure/attestation";

const { ASSAY_URL: url, ASSAY_AAD: aadName, ASSAY_ISOLATED: isolatedName } = process.env;
const evidence = JSON.parse(readFileSync(process.env.ASSAY_EVIDENCE, "utf8"));
const quote = new Uint8Array(Buffer.from(evidence.sgx.quote, "base64url"));
const signerOf = (name) => ({
  privateKey: readFileSync(`${process.env.ASSAY_SIGNERS}/${name}.key`, "utf8"),
  certificate: readFileSync(`${process.env.ASSAY_SIGNERS}/${name}.pem`, "utf8"),
});
const [signer, second, stranger, elliptic] = ["signer", "second", "stranger", "elliptic"].map(signerOf);
const holderOf = (token) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3.6e6 }),
});
const tokenOf = (role) => readFileSync(`${process.env.ASSAY_TOKENS}/${role}`, "utf8").trim();
const validation = {
  validateToken: true,
  validateExpirationTime: true,
  validateNotBeforeTime: true,
  timeValidationSlack: 10,
};
const endpointOf = (name) => `${url}/providers/${name}`;
const admin = (name, token = tokenOf("contributor")) =>
  new AttestationAdministrationClient(endpointOf(name), holderOf(token), {
    validationOptions: { ...validation, validateIssuer: true, expectedIssuer: endpointOf(name) },
  });
const client = (name) => new AttestationClient(endpointOf(name));
const aad = admin(aadName);
const isolated = admin(isolatedName);
const kSgx = KnownAttestationType.SgxEnclave;
const permit = "version=1.0; authorizationrules { => permit(); }; issuancerules { };";
const deny = "version=1.0; authorizationrules { => deny(); }; issuancerules { };";
const count = { passed: 0, failed: 0 };

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

const refused = (promise, code, status = 400) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, status, error.message);
    assert.equal(error.details?.error?.code ?? error.code, code, error.message);
    return true;
  });
const hashOf = (token) => createHash("sha256").update(token).digest("base64url");
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const der = (pem) => new X509Certificate(pem).raw.toString("base64");
const standard = (await aad.getPolicy(kSgx)).body;

await test("no bearer token, a made-up one: 401 with a challenge that names the issuer", async () => {
  for (const headers of [{}, { authorization: "Bearer none" }]) {
    const path = `${endpointOf(aadName)}/policies/SgxEnclave?api-version=2022-08-01`;
    const response = await fetch(path, { headers });
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate"), /^Bearer authorization="[^"]+", resource="[^"]+"/);
  }
});

await test("a reader reads and does not write; strangers do neither", async () => {
  const reader = admin(aadName, tokenOf("reader"));
  await reader.getPolicy(kSgx);
  await assert.rejects(reader.setPolicy(kSgx, deny), { statusCode: 403 });
  await assert.rejects(reader.resetPolicy(kSgx), { statusCode: 403 });
  const other = admin(aadName, tokenOf("other"));
  await assert.rejects(other.getPolicy(kSgx), { statusCode: 403 });
  await assert.rejects(admin("no-such-provider", tokenOf("other")).getPolicy(kSgx), { statusCode: 403 });
  assert.equal((await aad.getPolicy(kSgx)).body, standard);
});

for (const type of Object.values(KnownAttestationType)) {
  await test(`getPolicy ${type}`, async () => {
    if (type === KnownAttestationType.Tpm) {
      // The client itself cannot read the empty policy that Azure, too, answers for this type.
      await assert.rejects(aad.getPolicy(type));
      return;
    }
    assert.match((await aad.getPolicy(type)).body, /permit/);
  });
}

for (const [kind, options] of [["unsecured", {}], ["signed RS256", signer], ["signed ES256", elliptic]]) {
  await test(`setPolicy and resetPolicy, ${kind}`, async () => {
    const token = createAttestationPolicyToken(deny, options.privateKey, options.certificate);
    const { body } = await aad.setPolicy(kSgx, deny, options);
    assert.equal(body.policyResolution, "Updated");
    if (kind !== "signed ES256") {
      // RS256 is deterministic: the token that the client made is the one that was hashed.
      assert.equal(base64url(body.policyTokenHash), hashOf(token.serialize()));
    }
    assert.equal(Boolean(body.policySigner), kind !== "unsecured");
    if (body.policySigner) assert.match(body.policySigner.certificates[0], /BEGIN CERTIFICATE/);
    assert.equal((await aad.getPolicy(kSgx)).body, deny);
    await refused(client(aadName).attestSgxEnclave(quote), "PolicyEvaluationError");
    assert.equal((await aad.resetPolicy(kSgx, options)).body.policyResolution, "Removed");
    assert.equal((await aad.getPolicy(kSgx)).body, standard);
    await client(aadName).attestSgxEnclave(quote, { validationOptions: validation });
  });
}

await test("a policy that does not compile is refused with its place", async () => {
  await assert.rejects(aad.setPolicy(kSgx, "version=1.0;\nauthorizationrules ["), (error) => {
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /policy:2:20/);
    return true;
  });
  assert.equal((await aad.getPolicy(kSgx)).body, standard);
});

await test("an AAD provider has no management certificates", async () => {
  assert.deepEqual((await aad.getPolicyManagementCertificates()).body, []);
  const { privateKey, certificate } = signer;
  await refused(aad.addPolicyManagementCertificate(second.certificate, privateKey, certificate),
    "InvalidOperation");
  await refused(aad.removePolicyManagementCertificate(second.certificate, privateKey, certificate),
    "InvalidOperation");
});

await test("an isolated provider takes its own signers' policies alone", async () => {
  await refused(isolated.setPolicy(kSgx, permit), "InvalidOperation");
  await refused(isolated.setPolicy(kSgx, permit, stranger), "InvalidOperation");
  await refused(isolated.resetPolicy(kSgx), "InvalidOperation");
  await refused(isolated.resetPolicy(kSgx, stranger), "InvalidOperation");
  assert.equal((await isolated.getPolicy(kSgx)).body, standard);
  const { body } = await isolated.setPolicy(kSgx, permit, signer);
  assert.equal(body.policyResolution, "Updated");
  assert.equal((await isolated.getPolicy(kSgx)).body, permit);
  assert.equal((await isolated.resetPolicy(kSgx, signer)).body.policyResolution, "Removed");
});

await test("management certificates are added, used and removed", async () => {
  const { privateKey, certificate } = signer;
  const list = async () => {
    const { body } = await isolated.getPolicyManagementCertificates();
    return body.map((one) => der(one.certificates[0])).sort();
  };
  assert.deepEqual(await list(), [der(certificate)]);
  const added = await isolated.addPolicyManagementCertificate(second.certificate, privateKey, certificate);
  assert.equal(added.body.certificateResolution, "IsPresent");
  const thumbprint = createHash("sha1").update(new X509Certificate(second.certificate).raw).digest("hex");
  assert.equal(added.body.certificateThumbprint, thumbprint.toUpperCase());
  assert.deepEqual(await list(), [der(certificate), der(second.certificate)].sort());
  await isolated.setPolicy(kSgx, permit, second);
  const removed =
    await isolated.removePolicyManagementCertificate(second.certificate, privateKey, certificate);
  assert.equal(removed.body.certificateResolution, "IsAbsent");
  await refused(isolated.setPolicy(kSgx, deny, second), "InvalidOperation");
  await isolated.resetPolicy(kSgx, signer);
  await refused(isolated.removePolicyManagementCertificate(certificate, privateKey, certificate),
    "InvalidOperation");
  await refused(
    isolated.addPolicyManagementCertificate(stranger.certificate, stranger.privateKey, stranger.certificate),
    "InvalidOperation");
  assert.deepEqual(await list(), [der(certificate)]);
});

await test("the shared provider is read by the client, not changed", async () => {
  const holder = holderOf(tokenOf("contributor"));
  const shared = new AttestationAdministrationClient(url, holder, { validationOptions: validation });
  assert.equal((await shared.getPolicy(kSgx)).body, standard);
  assert.deepEqual((await shared.getPolicyManagementCertificates()).body, []);
  await refused(shared.setPolicy(kSgx, permit), "InvalidOperation");
  await refused(shared.resetPolicy(kSgx), "InvalidOperation");
});

await test("a draft policy gives an unsecured token with what it issued", async () => {
  const draft = 'version=1.0; authorizationrules { => permit(); };' +
    'issuancerules { c:[type=="x-ms-sgx-mrsigner"] => issue(type="custom-name", value=c.value); };';
  const { token, body } =
    await client(aadName).attestSgxEnclave(quote, { draftPolicyForAttestation: draft });
  assert.equal(token.algorithm, "none");
  assert.equal(token.serialize().split(".")[2], "");
  assert.equal(body.policyClaims["custom-name"], body.mrSigner);
  assert.equal(base64url(body.policyHash), hashOf(base64url(draft)));
  await refused(client(aadName).attestSgxEnclave(quote, { draftPolicyForAttestation: deny }),
    "PolicyEvaluationError");
  await refused(client(aadName).attestSgxEnclave(quote, { draftPolicyForAttestation: "no policy" }),
    "PolicyParsingError");
});

await test("providers have keys of their own, and the tokens of one fail in the other", async () => {
  const result = await client(aadName).attestSgxEnclave(quote);
  assert.equal(result.token.issuer, endpointOf(aadName));
  const foreign = await client(isolatedName).getAttestationSigners();
  // The client says so, or throws where it finds neither the key nor a certificate to try.
  const problems = (signers) => {
    try {
      return result.token.getTokenProblems(signers, validation);
    } catch {
      return ["no key"];
    }
  };
  assert.notDeepEqual(problems(foreign), []);
  const own = await client(aadName).getAttestationSigners();
  assert.deepEqual(problems(own), []);
  const metadata = await client(aadName).getOpenIdMetadata();
  assert.equal(metadata.issuer, endpointOf(aadName));
});

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
