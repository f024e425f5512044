// Drives the key vault with the unmodified @azure/keyvault-keys, and holds what it computes to
// Node's own crypto.
//
//   ASSAY_URL     https://localhost:8443
//   ASSAY_TOKENS  a folder with a bearer token for each role: crypto-officer, crypto-user, key-reader
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

const { ASSAY_URL: url, ASSAY_TOKENS: tokens } = process.env;
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

const tokenOf = (role) => readFileSync(`${tokens}/${role}`, "utf8").trim();
const credentialOf = (role) => ({
  getToken: async () => ({ token: tokenOf(role), expiresOnTimestamp: Date.now() + 3600_000 }),
});
// A vault's name is no suffix of the token's audience, as it is in Azure.
const options = { disableChallengeResourceVerification: true };
const credential = credentialOf("crypto-officer");
const client = new KeyClient(url, credential, options);
const cryptoOf = (key, role = "crypto-user") =>
  new CryptographyClient(key, credentialOf(role), options);
// One that computes nothing itself.
const remote = (key) => {
  const out = cryptoOf(key.id);
  out.key = { kind: "remoteOnlyIdentifier", value: key.id };
  return out;
};
const local = (key) => new CryptographyClient(key.key);
const publicKey = (key) => {
  const { kty, n, e, crv, x, y } = key.key;
  const text = (part) => part && Buffer.from(part).toString("base64url");
  const curve = crv === "P-256K" ? "secp256k1" : crv;
  const jwk = { kty, n: text(n), e: text(e), crv: curve, x: text(x), y: text(y) };
  return crypto.createPublicKey({ key: JSON.parse(JSON.stringify(jwk)), format: "jwk" });
};

const message = Buffer.from("The quick assay of the brown metal");
const digestOf = (name, data = message) => crypto.createHash(name).update(data).digest();
const refusedWith = (status, code, inner) => (error) => {
  assert.equal(error.statusCode, status, error.message);
  assert.equal(error.code ?? error.details?.error?.code, code);
  if (inner) assert.equal(error.details.error.innerError.code, inner);
  return true;
};
const collect = async (list) => {
  const out = [];
  for await (const one of list) out.push(one);
  return out;
};
const same = (a, b) => assert.deepEqual(Buffer.from(a), Buffer.from(b));

await test("createRsaKey: sizes, bundle and defaults", async () => {
  for (const keySize of [2048, 3072, 4096]) {
    const key = await client.createRsaKey(`rsa-${keySize}`, { keySize });
    assert.equal(key.keyType, "RSA");
    assert.equal(key.key.n.length * 8, keySize);
    assert.match(key.id, new RegExp(`^${url}/keys/rsa-${keySize}/[0-9a-f]{32}$`));
    assert.equal(key.properties.recoveryLevel, "Recoverable+Purgeable");
    assert.equal(key.properties.recoverableDays, 90);
    assert.equal(key.properties.enabled, true);
    assert.ok(Math.abs(key.properties.createdOn - Date.now()) < 60_000);
    assert.equal(key.key.d, undefined);
    assert.deepEqual(key.keyOperations.toSorted(),
      ["decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"]);
  }
});

await test("createEcKey: each curve", async () => {
  for (const curve of ["P-256", "P-384", "P-521", "P-256K"]) {
    const key = await client.createEcKey(`ec-${curve}`, { curve });
    assert.equal(key.key.crv, curve);
    assert.equal(key.keyType, "EC");
    publicKey(key);
  }
});

await test("createOctKey and createKey", async () => {
  for (const keySize of [128, 192, 256]) {
    const key = await client.createOctKey(`oct-${keySize}`, { keySize });
    assert.equal(key.keyType, "oct");
    assert.equal(key.key.k, undefined);
  }
  assert.equal((await client.createKey("plain", "EC")).key.crv, "P-256");
});

// The client computes seconds in 32 bits: its dates end in 2038.
await test("create with all properties", async () => {
  const given = {
    notBefore: new Date("2026-01-01T00:00:00Z"),
    expiresOn: new Date("2037-01-01T00:00:00Z"),
    enabled: false,
    tags: { team: "a" },
    keyOps: ["sign"],
  };
  const { properties, keyOperations } = await client.createEcKey("all-properties", given);
  assert.deepEqual(properties.notBefore, given.notBefore);
  assert.deepEqual(properties.expiresOn, given.expiresOn);
  assert.equal(properties.enabled, false);
  assert.deepEqual({ ...properties.tags }, given.tags);
  assert.deepEqual(keyOperations, given.keyOps);
});

await test("exportable keys keep their release policy", async () => {
  const encodedPolicy = Buffer.from(JSON.stringify({
    version: "1.0.0",
    anyOf: [{ authority: url, allOf: [{ claim: "x-ms-attestation-type", equals: "sgx" }] }],
  }));
  const releasePolicy = { encodedPolicy, immutable: true };
  const key = await client.createRsaKey("exportable", { exportable: true, releasePolicy });
  assert.equal(key.properties.exportable, true);
  same(key.properties.releasePolicy.encodedPolicy, encodedPolicy);
  assert.equal(key.properties.releasePolicy.immutable, true);
  const other = { encodedPolicy: Buffer.from('{"version":"1.0.0","anyOf":[]}') };
  await assert.rejects(client.updateKeyProperties("exportable", { releasePolicy: other }),
    refusedWith(400, "BadParameter", "ReleasePolicyImmutable"));
  await assert.rejects(client.createRsaKey("no-policy", { exportable: true }),
    refusedWith(400, "BadParameter"));
});

await test("getKey, versions and getCryptographyClient", async () => {
  const first = await client.createEcKey("versions");
  const second = await client.createEcKey("versions");
  assert.equal((await client.getKey("versions")).id, second.id);
  const { version } = first.properties;
  assert.equal((await client.getKey("versions", { version })).id, first.id);
  const ids = (await collect(client.listPropertiesOfKeyVersions("versions"))).map(({ id }) => id);
  assert.deepEqual(ids.toSorted(), [first.id, second.id].toSorted());
  const signer = client.getCryptographyClient("versions", { keyVersion: version });
  const { keyID } = await signer.sign("ES256", digestOf("sha256"));
  assert.equal(keyID, first.id);
});

await test("paging lists every key once", async () => {
  for (let i = 0; i < 30; i += 1) await client.createEcKey(`page-${i}`);
  const names = new Set();
  let pages = 0;
  for await (const page of client.listPropertiesOfKeys().byPage({ maxPageSize: 7 })) {
    assert.ok(page.length <= 7);
    for (const { name, version } of page) {
      assert.equal(version, undefined);
      assert.ok(!names.has(name));
      names.add(name);
    }
    pages += 1;
  }
  assert.ok(pages > 5);
  const all = (await collect(client.listPropertiesOfKeys())).map(({ name }) => name);
  assert.deepEqual(new Set(all), names);
  for (let i = 0; i < 30; i += 1) assert.ok(names.has(`page-${i}`));
});

await test("updateKeyProperties, with and without a version", async () => {
  const key = await client.createEcKey("updated", { tags: { a: "1" } });
  const { version } = key.properties;
  const first = await client.updateKeyProperties("updated", version, { enabled: false });
  assert.equal(first.properties.enabled, false);
  assert.deepEqual({ ...first.properties.tags }, { a: "1" });
  const second = await client.updateKeyProperties("updated", { enabled: true, keyOps: ["verify"] });
  assert.equal(second.properties.enabled, true);
  assert.deepEqual(second.keyOperations, ["verify"]);
  assert.equal(second.id, key.id);
});

await test("delete, recover, purge", async () => {
  const key = await client.createEcKey("deleted");
  const poller = await client.beginDeleteKey("deleted", { intervalInMs: 50 });
  const deleted = await poller.pollUntilDone();
  assert.equal(deleted.properties.recoveryId, `${url}/deletedkeys/deleted`);
  const days = (deleted.properties.scheduledPurgeDate - deleted.properties.deletedOn) / 86_400_000;
  assert.equal(days, 90);
  await assert.rejects(client.getKey("deleted"), refusedWith(404, "KeyNotFound"));
  await assert.rejects(client.createEcKey("deleted"),
    refusedWith(409, "Conflict", "ObjectIsDeletedButRecoverable"));
  assert.equal((await client.getDeletedKey("deleted")).id, key.id);
  const listed = await collect(client.listDeletedKeys());
  assert.deepEqual(listed.map(({ name }) => name), ["deleted"]);
  const recovery = await client.beginRecoverDeletedKey("deleted", { intervalInMs: 50 });
  assert.equal((await recovery.pollUntilDone()).id, key.id);
  await (await client.beginDeleteKey("deleted", { intervalInMs: 50 })).pollUntilDone();
  await client.purgeDeletedKey("deleted");
  await assert.rejects(client.getDeletedKey("deleted"), refusedWith(404, "KeyNotFound"));
  await assert.rejects(client.purgeDeletedKey("deleted"), refusedWith(404, "KeyNotFound"));
});

await test("backup and restore bring all versions back", async () => {
  const first = await client.createRsaKey("backed-up", { tags: { b: "2" } });
  const second = await client.createEcKey("backed-up");
  const ciphertext = crypto.publicEncrypt({ key: publicKey(first), oaepHash: "sha256" }, message);
  const blob = await client.backupKey("backed-up");
  await assert.rejects(client.restoreKeyBackup(blob), refusedWith(409, "Conflict"));
  await (await client.beginDeleteKey("backed-up", { intervalInMs: 50 })).pollUntilDone();
  await client.purgeDeletedKey("backed-up");
  const restored = await client.restoreKeyBackup(blob);
  assert.equal(restored.id, second.id);
  assert.equal((await collect(client.listPropertiesOfKeyVersions("backed-up"))).length, 2);
  const opened = await remote(first).decrypt("RSA-OAEP-256", ciphertext);
  same(opened.result, message);
  const changed = Uint8Array.from(blob);
  changed[changed.length - 8] ^= 1;
  await assert.rejects(client.restoreKeyBackup(changed), refusedWith(400, "BadParameter"));
});

await test("importKey: RSA, EC and oct, used by the vault", async () => {
  const bytes = (jwk) => Object.fromEntries(Object.entries(jwk).map(([name, value]) =>
    [name, ["kty", "crv"].includes(name) ? value : Buffer.from(value, "base64url")]));
  const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const importedRsa = await client.importKey("imported-rsa",
    bytes(rsa.privateKey.export({ format: "jwk" })));
  const sealed = crypto.publicEncrypt({ key: rsa.publicKey, oaepHash: "sha1" }, message);
  same((await remote(importedRsa).decrypt("RSA-OAEP", sealed)).result, message);

  const ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-384" });
  const importedEc = await client.importKey("imported-ec",
    bytes(ec.privateKey.export({ format: "jwk" })));
  const { result } = await remote(importedEc).sign("ES384", digestOf("sha384"));
  assert.ok(crypto.verify("sha384", message, { key: ec.publicKey, dsaEncoding: "ieee-p1363" }, result));

  const k = crypto.randomBytes(32);
  const importedOct = await client.importKey("imported-oct", { kty: "oct", k });
  const { result: wrapped } = await remote(importedOct).wrapKey("A256KW", Buffer.alloc(32, 7));
  const cipher = crypto.createCipheriv("id-aes256-wrap", k, Buffer.alloc(8, 0xa6));
  same(wrapped, Buffer.concat([cipher.update(Buffer.alloc(32, 7)), cipher.final()]));

  const stranger = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const mixed = { ...bytes(rsa.privateKey.export({ format: "jwk" })),
    n: bytes(stranger.publicKey.export({ format: "jwk" })).n };
  await assert.rejects(client.importKey("mixed", mixed), refusedWith(400, "BadParameter"));
  const half = bytes(rsa.publicKey.export({ format: "jwk" }));
  await assert.rejects(client.importKey("half", half), refusedWith(400, "BadParameter"));
  const small = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
  await assert.rejects(client.importKey("small", bytes(small.privateKey.export({ format: "jwk" }))),
    refusedWith(400, "BadParameter"));
});

await test("rotateKey and rotation policies", async () => {
  const before = await client.createEcKey("rotated", { curve: "P-384", tags: { r: "1" } });
  const initial = await client.getKeyRotationPolicy("rotated");
  assert.equal(initial.lifetimeActions[0].action, "Notify");
  const policy = await client.updateKeyRotationPolicy("rotated", {
    expiresIn: "P90D",
    lifetimeActions: [{ action: "Rotate", timeAfterCreate: "P30D" }],
  });
  assert.equal(policy.id, `${url}/keys/rotated/rotationpolicy`);
  assert.equal(policy.expiresIn, "P90D");
  assert.deepEqual(policy, await client.getKeyRotationPolicy("rotated"));
  const after = await client.rotateKey("rotated");
  assert.notEqual(after.id, before.id);
  assert.equal(after.key.crv, "P-384");
  assert.deepEqual({ ...after.properties.tags }, { r: "1" });
  const life = after.properties.expiresOn - after.properties.createdOn;
  assert.equal(life / 86_400_000, 90);
  await assert.rejects(client.updateKeyRotationPolicy("rotated", {
    lifetimeActions: [{ action: "Rotate", timeAfterCreate: "P1D" }],
  }), refusedWith(400, "BadParameter"));
});

await test("getRandomBytes", async () => {
  assert.equal((await client.getRandomBytes(128)).length, 128);
  assert.notDeepEqual(await client.getRandomBytes(16), await client.getRandomBytes(16));
  await assert.rejects(client.getRandomBytes(129), refusedWith(400, "BadParameter"));
  await assert.rejects(client.getRandomBytes(0), refusedWith(400, "BadParameter"));
});

await test("getKeyAttestation says that no HSM holds the key", async () => {
  await assert.rejects(client.getKeyAttestation("plain"), refusedWith(400, "NotSupported"));
  await assert.rejects(client.createRsaKey("hsm", { hsm: true }), refusedWith(400, "NotSupported"));
});

await test("RSA encryption: vault, SDK and Node agree", async () => {
  const key = await client.getKey("rsa-2048");
  for (const [algorithm, oaepHash] of [["RSA-OAEP", "sha1"], ["RSA-OAEP-256", "sha256"]]) {
    const byVault = await remote(key).encrypt(algorithm, message);
    assert.equal(byVault.keyID, key.id);
    same((await remote(key).decrypt(algorithm, byVault.result)).result, message);
    const byNode = crypto.publicEncrypt({ key: publicKey(key), oaepHash }, message);
    same((await remote(key).decrypt(algorithm, byNode)).result, message);
    const wrapped = await remote(key).wrapKey(algorithm, message);
    same((await remote(key).unwrapKey(algorithm, wrapped.result)).result, message);
  }
  const bySdk = await local(key).encrypt("RSA-OAEP", message);
  same((await remote(key).decrypt("RSA-OAEP", bySdk.result)).result, message);
  const wrappedBySdk = await local(key).wrapKey("RSA-OAEP", message);
  same((await remote(key).unwrapKey("RSA-OAEP", wrappedBySdk.result)).result, message);
  await assert.rejects(remote(key).encrypt("RSA1_5", message), refusedWith(400, "NotSupported"));
  const broken = Uint8Array.from(bySdk.result);
  broken[0] ^= 1;
  await assert.rejects(remote(key).decrypt("RSA-OAEP", broken), refusedWith(400, "BadParameter"));
});

await test("RSA signatures: vault, SDK and Node agree", async () => {
  const key = await client.getKey("rsa-3072");
  for (const bits of [256, 384, 512]) {
    for (const family of ["RS", "PS"]) {
      const algorithm = `${family}${bits}`;
      const digest = digestOf(`sha${bits}`);
      const { result } = await remote(key).sign(algorithm, digest);
      const padding = family === "PS"
        ? { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 } : {};
      assert.ok(crypto.verify(`sha${bits}`, message, { key: publicKey(key), ...padding }, result));
      assert.ok((await remote(key).verify(algorithm, digest, result)).result);
      const data = await remote(key).signData(algorithm, message);
      assert.ok((await remote(key).verifyData(algorithm, message, data.result)).result);
      if (family === "RS") {
        assert.ok((await local(key).verifyData(algorithm, message, data.result)).result);
      }
      const other = digestOf(`sha${bits}`, Buffer.from("another"));
      assert.equal((await remote(key).verify(algorithm, other, result)).result, false);
      await assert.rejects(remote(key).sign(algorithm, digest.subarray(1)),
        refusedWith(400, "BadParameter"));
    }
  }
});

await test("ECDSA: vault and Node agree on each curve, and no other curve signs", async () => {
  for (const [algorithm, curve, hash] of [["ES256", "P-256", "sha256"], ["ES384", "P-384", "sha384"],
    ["ES512", "P-521", "sha512"], ["ES256K", "P-256K", "sha256"]]) {
    const key = await client.getKey(`ec-${curve}`);
    const { result } = await remote(key).sign(algorithm, digestOf(hash));
    const node = { key: publicKey(key), dsaEncoding: "ieee-p1363" };
    assert.ok(crypto.verify(hash, message, node, result));
    assert.ok((await remote(key).verify(algorithm, digestOf(hash), result)).result);
    assert.equal((await remote(key).verify(algorithm, digestOf(hash), result.subarray(1))).result,
      false);
    for (const other of ["P-256", "P-384", "P-521", "P-256K"].filter((one) => one !== curve)) {
      await assert.rejects(remote(await client.getKey(`ec-${other}`)).sign(algorithm, digestOf(hash)),
        refusedWith(400, "BadParameter"));
    }
  }
});

await test("AES: vault, SDK and Node agree", async () => {
  for (const size of [128, 192, 256]) {
    const k = crypto.randomBytes(size / 8);
    const key = await client.importKey(`aes-${size}`, { kty: "oct", k });
    const sdk = new CryptographyClient({ kty: "oct", k, keyOps: ["encrypt", "decrypt"] });

    const gcm = { algorithm: `A${size}GCM`, plaintext: message,
      additionalAuthenticatedData: Buffer.from("context") };
    const sealed = await remote(key).encrypt(gcm);
    const opener = crypto.createDecipheriv(`aes-${size}-gcm`, k, sealed.iv);
    opener.setAAD(Buffer.from("context"));
    opener.setAuthTag(sealed.authenticationTag);
    same(Buffer.concat([opener.update(sealed.result), opener.final()]), message);
    const parts = { algorithm: gcm.algorithm, ciphertext: sealed.result, iv: sealed.iv,
      authenticationTag: sealed.authenticationTag,
      additionalAuthenticatedData: gcm.additionalAuthenticatedData };
    same((await remote(key).decrypt(parts)).result, message);
    const forged = { ...parts, authenticationTag: crypto.randomBytes(16) };
    await assert.rejects(remote(key).decrypt(forged), refusedWith(400, "BadParameter"));

    const iv = crypto.randomBytes(16);
    const padded = await remote(key).encrypt({ algorithm: `A${size}CBCPAD`, plaintext: message, iv });
    const byNode = crypto.createCipheriv(`aes-${size}-cbc`, k, iv);
    same(padded.result, Buffer.concat([byNode.update(message), byNode.final()]));
    const bySdk = await sdk.encrypt({ algorithm: `A${size}CBCPAD`, plaintext: message, iv });
    same((await remote(key).decrypt({ algorithm: `A${size}CBCPAD`, ciphertext: bySdk.result, iv }))
      .result, message);
    const block = Buffer.alloc(32, 3);
    const plain = await remote(key).encrypt({ algorithm: `A${size}CBC`, plaintext: block, iv });
    same((await remote(key).decrypt({ algorithm: `A${size}CBC`, ciphertext: plain.result, iv }))
      .result, block);
    await assert.rejects(remote(key).encrypt({ algorithm: `A${size}CBC`, plaintext: message, iv }),
      refusedWith(400, "BadParameter"));

    const wrapped = await remote(key).wrapKey(`A${size}KW`, block);
    const unwrap = crypto.createDecipheriv(`id-aes${size}-wrap`, k, Buffer.alloc(8, 0xa6));
    same(Buffer.concat([unwrap.update(wrapped.result), unwrap.final()]), block);
    same((await remote(key).unwrapKey(`A${size}KW`, wrapped.result)).result, block);
  }
});

await test("disabled, expired, not yet valid and missing key_ops: each with its reason", async () => {
  const disabled = await client.createEcKey("is-disabled", { enabled: false });
  await assert.rejects(remote(disabled).sign("ES256", digestOf("sha256")),
    refusedWith(403, "Forbidden", "KeyDisabled"));
  const expired = await client.createRsaKey("is-expired");
  const sealed = await remote(expired).encrypt("RSA-OAEP-256", message);
  await client.updateKeyProperties("is-expired", { expiresOn: new Date("2020-01-01T00:00:00Z") });
  await assert.rejects(remote(expired).encrypt("RSA-OAEP-256", message),
    refusedWith(403, "Forbidden", "KeyExpired"));
  same((await remote(expired).decrypt("RSA-OAEP-256", sealed.result)).result, message);
  const early = await client.createEcKey("is-early", { notBefore: new Date("2037-01-01T00:00:00Z") });
  await assert.rejects(remote(early).sign("ES256", digestOf("sha256")),
    refusedWith(403, "Forbidden", "KeyNotYetValid"));
  const verifier = await client.createEcKey("verifies-only", { keyOps: ["verify"] });
  await assert.rejects(remote(verifier).sign("ES256", digestOf("sha256")),
    refusedWith(403, "Forbidden", "KeyOperationForbidden"));
});

await test("roles: who may read, use and manage", async () => {
  const reader = new KeyClient(url, credentialOf("key-reader"), options);
  await reader.getKey("plain");
  await assert.rejects(reader.createEcKey("x"), refusedWith(403, "Forbidden"));
  const key = await client.getKey("plain");
  await assert.rejects(cryptoOf(key, "key-reader").sign("ES256", digestOf("sha256")),
    refusedWith(403, "Forbidden"));
  const user = new KeyClient(url, credentialOf("crypto-user"), options);
  await user.getKey("plain");
  await assert.rejects(user.beginDeleteKey("plain"), refusedWith(403, "Forbidden"));
  const attester = new KeyClient(url, credentialOf("admin"), options);
  await assert.rejects(attester.getKey("plain"), refusedWith(403, "Forbidden"));
  const none = await fetch(`${url}/keys?api-version=7.5`);
  assert.equal(none.status, 401);
  assert.match(none.headers.get("www-authenticate"), /^Bearer authorization="[^"]+", resource="[^"]+"/);
});

await test("every api-version answers, others are refused", async () => {
  for (const apiVersion of ["7.4", "7.5", "7.6", "2025-07-01"]) {
    await new KeyClient(url, credential, { ...options, serviceVersion: apiVersion }).getKey("plain");
    const headers = { authorization: `Bearer ${tokenOf("key-reader")}` };
    const response = await fetch(`${url}/keys/plain/?api-version=${apiVersion}`, { headers });
    assert.equal(response.status, 200);
    assert.equal((await fetch(`${url}/keys/plain?api-version=1.0`, { headers })).status, 400);
    assert.equal((await fetch(`${url}/keys/plain`, { headers })).status, 400);
  }
});

await test("bodies that are wrong are refused, and nothing is made", async () => {
  const headers = { authorization: `Bearer ${tokenOf("crypto-officer")}` };
  const post = (path, body) => fetch(`${url}${path}?api-version=7.5`,
    { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  for (const body of ["", "[]", "{", {}, { kty: 7 }, { kty: "RSA", key_size: "2048" },
    { kty: "RSA", key_size: 1024 }, { kty: "EC", crv: "P-224" }, { kty: "EC", key_ops: ["fly"] },
    { kty: "EC", attributes: { enabled: "yes" } }, { kty: "EC", attributes: { exp: -1 } },
    { kty: "EC", tags: { a: 1 } }, { kty: "EC", release_policy: { data: "e30" } },
    '{"kty":"EC","kty":"RSA"}']) {
    const response = await post("/keys/never-made/create", body);
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.ok((await response.json()).error.message);
  }
  await assert.rejects(client.getKey("never-made"), refusedWith(404, "KeyNotFound"));
  for (const body of [{}, { alg: "RSA-OAEP" }, { alg: "RSA-OAEP", value: "*" }, { value: "AA" }]) {
    assert.equal((await post("/keys/rsa-2048//encrypt", body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await post("/keys/a_b/create", { kty: "EC" })).status, 400);
  assert.equal((await post("/providers/other/keys/k/create", { kty: "EC" })).status, 404);
  assert.equal((await post("/keys/rsa-2048/nothing", {})).status, 405);
});

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
