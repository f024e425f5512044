// Secure key release with the unmodified @azure/keyvault-keys: an environment attests, its key is
// released to it, and Node's own crypto unwraps and uses it.
//
//   node release.mjs prepare FOLDER   the keys of the environment and of another authority
//
//   ASSAY_URL       https://localhost:8443
//   ASSAY_TOKENS    a folder with a bearer token for each role: crypto-officer, crypto-user,
//                   crypto-release-user
//   ASSAY_HSM       set: the keys are in an HSM
//   ASSAY_RELEASE   that folder; in snp/ the evidence simulated for its runtime.json
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SignJWT, UnsecuredJWT, compactVerify, exportJWK, importX509 } from "jose";

const authority = "https://authority.example";

async function prepare(folder) {
  mkdirSync(folder, { recursive: true });
  const environment = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const other = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...(await exportJWK(environment.publicKey)), kid: "environment", key_ops: ["encrypt"] };
  const pem = (one) => one.privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(`${folder}/environment.pem`, pem(environment));
  writeFileSync(`${folder}/authority.pem`, pem(other));
  writeFileSync(`${folder}/runtime.json`,
    JSON.stringify({ keys: [key], "client-payload": { nonce: "first boot" } }));
  writeFileSync(`${folder}/authority.jwks.json`, JSON.stringify({
    keys: [{ ...(await exportJWK(other.publicKey)), kid: "authority-1", alg: "ES256", use: "sig" }],
  }));
}

if (process.argv[2] === "prepare") {
  await prepare(process.argv[3]);
  process.exit(0);
}

const { ASSAY_URL: url, ASSAY_TOKENS: tokens, ASSAY_RELEASE: folder } = process.env;
const read = (name) => readFileSync(`${folder}/${name}`);
const environment = crypto.createPrivateKey(read("environment.pem"));
const authorityKey = crypto.createPrivateKey(read("authority.pem"));
const count = { passed: 0, failed: 0 };

async function test(name, run) {
  try {
    await run();
    count.passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    count.failed += 1;
    console.log(`FAIL ${name}: ${error.stack}`);
  }
}

const credentialOf = (role) => ({
  getToken: async () => ({
    token: readFileSync(`${tokens}/${role}`, "utf8").trim(),
    expiresOnTimestamp: Date.now() + 3600_000,
  }),
});
const options = { disableChallengeResourceVerification: true };
const officer = new KeyClient(url, credentialOf("crypto-officer"), options);
// All that the environment may do.
const client = new KeyClient(url, credentialOf("crypto-release-user"), options);

const policyOf = (issuer, ...tests) => ({
  version: "1.0.0", anyOf: [{ authority: issuer, allOf: tests }],
});
const hsm = Boolean(process.env.ASSAY_HSM);
const mayLeave = (policy, more = {}) => ({
  hsm,
  exportable: true,
  releasePolicy: { encodedPolicy: Buffer.from(JSON.stringify(policy)), ...more },
});
const refusedWith = (inner, status = 403) => (error) => {
  assert.equal(error.statusCode, status, error.message);
  assert.equal(error.details.error.innerError?.code, inner, error.message);
  return true;
};

// Evidence of the simulated processor, which binds runtime.json; the token of `provider` for it.
async function attest(provider = url) {
  const pem = (name) => read(`snp/collateral/${name}.pem`).toString();
  const text = (bytes) => Buffer.from(bytes).toString("base64url");
  const report = {
    SnpReport: text(read("snp/evidence.bin")),
    VcekCertChain: text(["vcek", "ask", "ark"].map(pem).join("")),
  };
  const response = await fetch(`${provider}/attest/SevSnpVm?api-version=2025-06-01`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      report: text(JSON.stringify(report)),
      runtimeData: { data: text(read("runtime.json")), dataType: "JSON" },
    }),
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.token;
}

const hashes = {
  CKM_RSA_AES_KEY_WRAP: "sha1", RSA_AES_KEY_WRAP_256: "sha256", RSA_AES_KEY_WRAP_384: "sha384",
};

// What the environment does with an answer: checks who signed it, and unwraps.
async function open(answer, algorithm) {
  const [header] = answer.split(".");
  const { x5c, x5t, kid, "x5t#S256": x5t256 } = JSON.parse(Buffer.from(header, "base64url"));
  const chain = x5c.map((der) => new crypto.X509Certificate(Buffer.from(der, "base64")));
  const ca = new crypto.X509Certificate(readFileSync(process.env.NODE_EXTRA_CA_CERTS));
  assert.ok(chain[0].verify(ca.publicKey) && chain.at(-1).raw.equals(ca.raw));
  assert.equal(kid, chain[0].fingerprint.replaceAll(":", ""));
  assert.equal(Buffer.from(x5t, "base64url").toString("hex").toUpperCase(), kid);
  assert.equal(Buffer.from(x5t256, "base64url").toString("hex").toUpperCase(),
    chain[0].fingerprint256.replaceAll(":", ""));
  const signer = await importX509(chain[0].toString(), "RS256");
  const { payload } = await compactVerify(answer, signer, { algorithms: ["RS256"] });
  const released = JSON.parse(Buffer.from(payload));
  assert.equal(released.request.enc, algorithm);
  const bundle = released.response.key;
  const hsm = JSON.parse(Buffer.from(bundle.key.key_hsm, "base64url"));
  assert.deepEqual(hsm.header, { kid: "environment", alg: "dir", enc: algorithm });
  const wrapped = Buffer.from(hsm.ciphertext, "base64url");
  const aes = crypto.privateDecrypt({
    key: environment, padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hashes[algorithm],
  }, wrapped.subarray(0, 256));
  const kwp = crypto.createDecipheriv("id-aes256-wrap-pad", aes, Buffer.from("A65959A6", "hex"));
  return { bundle, request: released.request,
           material: Buffer.concat([kwp.update(wrapped.subarray(256)), kwp.final()]) };
}
const privateOf = (material) =>
  crypto.createPrivateKey({ key: material, format: "der", type: "pkcs8" });

const snp = policyOf(url,
  { claim: "x-ms-attestation-type", equals: "sevsnpvm" },
  { claim: "x-ms-sevsnpvm-is-debuggable", equals: "false" },
  { claim: "x-ms-runtime.client-payload.nonce", equals: "first boot" });

await test("releaseKey: an RSA key for a token of this service, under each encryption", async () => {
  const key = await officer.createRsaKey("released-rsa", { keySize: 2048, ...mayLeave(snp) });
  const token = await attest();
  for (const algorithm of Object.keys(hashes)) {
    const { value } = await client.releaseKey(key.name, token, { algorithm });
    const { bundle, material } = await open(value, algorithm);
    assert.equal(bundle.key.kid, key.id);
    assert.equal(bundle.attributes.exportable, true);
    assert.equal(bundle.key.kty, hsm ? "RSA-HSM" : "RSA");
    const signature = crypto.sign("sha256", Buffer.from("used"), privateOf(material));
    const jwk = { kty: "RSA", n: bundle.key.n, e: bundle.key.e };
    assert.ok(crypto.verify("sha256", Buffer.from("used"),
      crypto.createPublicKey({ key: jwk, format: "jwk" }), signature));
    assert.equal(bundle.key.n, Buffer.from(key.key.n).toString("base64url"));
  }
});

await test("releaseKey: an EC key by name and version", async () => {
  const key = await officer.createEcKey("released-ec", { curve: "P-384", ...mayLeave(snp) });
  const { value } = await client.releaseKey(key.name, await attest(),
    { version: key.properties.version, algorithm: "RSA_AES_KEY_WRAP_256", nonce: "n-ec" });
  const { bundle, material, request } = await open(value, "RSA_AES_KEY_WRAP_256");
  assert.equal(request.nonce, "n-ec");
  assert.equal(request.kid, key.id);
  const { x, y } = privateOf(material).export({ format: "jwk" });
  assert.deepEqual({ x, y }, { x: bundle.key.x, y: bundle.key.y });
});

await test("releaseKey: an oct key decrypts what the vault encrypted with it", async () => {
  const key = await officer.createOctKey("released-oct", { keySize: 256, ...mayLeave(snp) });
  const vault = new CryptographyClient(key.id, credentialOf("crypto-user"), options);
  const sealed = await vault.encrypt({
    algorithm: "A256CBCPAD", plaintext: Buffer.from("at rest"), iv: crypto.randomBytes(16),
  });
  const { value } = await client.releaseKey(key.name, await attest());
  const { material } = await open(value, "CKM_RSA_AES_KEY_WRAP");
  const decipher = crypto.createDecipheriv("aes-256-cbc", material, sealed.iv);
  assert.equal(Buffer.concat([decipher.update(sealed.result), decipher.final()]).toString(), "at rest");
});

// Tokens of an authority that is pinned in the access file.
const claims = (more = {}) => ({
  tee: "snp", vm: { debug: false }, "x-ms-runtime": JSON.parse(read("runtime.json")), ...more,
});
const sign = (payload, header = {}, { exp = "1h", nbf = "-1m", iss = authority, key = authorityKey } = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "authority-1", typ: "JWT", ...header })
    .setIssuer(iss).setExpirationTime(exp).setNotBefore(nbf).sign(key);
const theirs = policyOf(`${authority}/`,
  { claim: "tee", equals: "snp" }, { claim: "vm.debug", equals: false });

await test("releaseKey: each refusal has a reason of its own", async () => {
  await officer.createEcKey("guarded", mayLeave(theirs));
  const release = (token) => client.releaseKey("guarded", token);
  await open((await release(await sign(claims()))).value, "CKM_RSA_AES_KEY_WRAP");
  const refuse = async (token, inner) =>
    assert.rejects(release(await token), refusedWith(inner), inner);

  await refuse(sign(claims(), {}, { exp: "-2m" }), "TokenExpired");
  await refuse(sign(claims(), {}, { nbf: "2m" }), "TokenNotYetValid");
  await refuse(sign(claims(), {}, { iss: "https://stranger.example" }), "OtherAuthority");
  await refuse(attest(), "OtherProvider");
  await refuse(new UnsecuredJWT(claims()).setIssuer(authority).setExpirationTime("1h").encode(),
    "AlgorithmNone");
  const publicText = read("authority.jwks.json");
  await refuse(sign(claims(), { alg: "HS256" }, { key: publicText }), "AlgorithmSymmetric");
  await refuse(sign(claims(), { kid: "authority-2" }), "UnknownKid");
  const own = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = await exportJWK(own.publicKey);
  await refuse(sign(claims(), { jwk }, { key: own.privateKey }), "EmbeddedKey");
  await refuse(sign(claims(), {}, { key: own.privateKey }), "BadSignature");
  await refuse(sign(claims({ tee: undefined })), "ClaimMissing");
  await refuse(sign(claims({ vm: { debug: "false" } })), "ClaimOfAnotherType");
  await refuse(sign(claims({ vm: undefined, "vm.debug": false })), "ClaimAtAnotherLevel");
  await refuse(sign(claims({ vm: { debug: true } })), "PolicyFalse");
  await refuse(sign(claims({ "x-ms-runtime": undefined })), "RuntimeKeyAbsent");
  const weak = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
  const keys = [{ ...(await exportJWK(weak.publicKey)), kid: "weak", key_ops: ["encrypt"] }];
  await refuse(sign(claims({ "x-ms-runtime": { keys } })), "RuntimeKeyWeak");
});

await test("releaseKey: keys that may not leave, and nonces that were used", async () => {
  const token = await sign(claims());
  await officer.createEcKey("stays");
  await assert.rejects(client.releaseKey("stays", token), refusedWith("KeyNotExportable"));
  const key = await officer.createEcKey("switched-off", mayLeave(theirs));
  await client.releaseKey(key.name, token, { nonce: "once" });
  await assert.rejects(client.releaseKey(key.name, token, { nonce: "once" }), refusedWith("NonceReplayed"));
  await officer.updateKeyProperties(key.name, key.properties.version, { enabled: false });
  await assert.rejects(client.releaseKey(key.name, token), refusedWith("KeyDisabled"));
});

await test("releaseKey: two authorities agree", async () => {
  const agreement = {
    version: "1.0.0",
    anyOf: [{ "x-assay-agreement": {
      authorities: [snp.anyOf[0], theirs.anyOf[0]], equal: ["x-ms-runtime.client-payload.nonce"],
    } }],
  };
  await officer.createEcKey("agreed", mayLeave(agreement));
  const [ours, other] = [await attest(), await sign(claims())];
  await open((await client.releaseKey("agreed", `${ours},${other}`)).value, "CKM_RSA_AES_KEY_WRAP");
  await assert.rejects(client.releaseKey("agreed", ours), refusedWith("AgreementIncomplete"));
  const elsewhere = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const runtime = { ...claims()["x-ms-runtime"],
    keys: [{ ...(await exportJWK(elsewhere.publicKey)), kid: "environment", key_ops: ["encrypt"] }] };
  const joined = await sign(claims({ "x-ms-runtime": runtime }));
  await assert.rejects(client.releaseKey("agreed", `${ours},${joined}`), refusedWith("RuntimeKeysDiffer"));
});

await test("policies that cannot be read are refused when they are set", async () => {
  const wrong = policyOf(authority, { claim: "tee", like: "s*" });
  await assert.rejects(officer.createEcKey("unread", mayLeave(wrong)), (error) => {
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /anyOf\[0\]\.allOf\[0\]: expected equals/);
    return true;
  });
});

await test("releasing is a right of its own", async () => {
  const user = new KeyClient(url, credentialOf("crypto-user"), options);
  await assert.rejects(user.releaseKey("guarded", await sign(claims())), { statusCode: 403 });
  await assert.rejects(client.getKey("guarded"), { statusCode: 403 });
});

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);
