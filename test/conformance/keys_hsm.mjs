// Keys in an HSM (SoftHSM 2) with the unmodified @azure/keyvault-keys, held to Node's own crypto.
//
//   ASSAY_URL     https://localhost:8443
//   ASSAY_TOKENS  a folder with a bearer token for each role: crypto-officer, crypto-user
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

const credentialOf = (role) => ({
  getToken: async () => ({
    token: readFileSync(`${tokens}/${role}`, "utf8").trim(),
    expiresOnTimestamp: Date.now() + 3600_000,
  }),
});
const options = { disableChallengeResourceVerification: true };
const client = new KeyClient(url, credentialOf("crypto-officer"), options);
// One that computes nothing itself.
const remote = (key) => {
  const out = new CryptographyClient(key.id, credentialOf("crypto-user"), options);
  out.key = { kind: "remoteOnlyIdentifier", value: key.id };
  return out;
};
const publicKey = ({ key: { kty, n, e, crv, x, y } }) => {
  const text = (part) => part && Buffer.from(part).toString("base64url");
  const curve = crv === "P-256K" ? "secp256k1" : crv;
  const jwk = { kty: kty.split("-")[0], n: text(n), e: text(e), crv: curve, x: text(x), y: text(y) };
  return crypto.createPublicKey({ key: JSON.parse(JSON.stringify(jwk)), format: "jwk" });
};
const message = Buffer.from("The quick assay of the brown metal");
const digestOf = (name) => crypto.createHash(name).update(message).digest();
const refusedWith = (status, code) => (error) => {
  assert.equal(error.statusCode, status, error.message);
  assert.equal(error.code ?? error.details?.error?.code, code);
  return true;
};
const same = (a, b) => assert.deepEqual(Buffer.from(a), Buffer.from(b));

await test("createRsaKey with hsm: signs and decrypts what Node checks and encrypts", async () => {
  const key = await client.createRsaKey("rsa", { hsm: true, keySize: 3072 });
  assert.equal(key.keyType, "RSA-HSM");
  assert.equal(key.key.n.length * 8, 3072);
  for (const bits of [256, 384, 512]) {
    for (const family of ["RS", "PS"]) {
      const digest = digestOf(`sha${bits}`);
      const { result } = await remote(key).sign(`${family}${bits}`, digest);
      const padding = family === "PS"
        ? { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 } : {};
      assert.ok(crypto.verify(`sha${bits}`, message, { key: publicKey(key), ...padding }, result));
      assert.ok((await remote(key).verify(`${family}${bits}`, digest, result)).result);
    }
  }
  const sealed = crypto.publicEncrypt({ key: publicKey(key), oaepHash: "sha1" }, message);
  same((await remote(key).decrypt("RSA-OAEP", sealed)).result, message);
  same((await remote(key).unwrapKey("RSA-OAEP", sealed)).result, message);
  await assert.rejects(remote(key).decrypt("RSA-OAEP-256", sealed), refusedWith(400, "NotSupported"));
});

await test("createEcKey with hsm: each curve", async () => {
  for (const [algorithm, curve, hash] of [["ES256", "P-256", "sha256"], ["ES384", "P-384", "sha384"],
    ["ES512", "P-521", "sha512"], ["ES256K", "P-256K", "sha256"]]) {
    const key = await client.createEcKey(`ec-${curve}`, { hsm: true, curve });
    assert.equal(key.keyType, "EC-HSM");
    const { result } = await remote(key).sign(algorithm, digestOf(hash));
    const node = { key: publicKey(key), dsaEncoding: "ieee-p1363" };
    assert.ok(crypto.verify(hash, message, node, result));
    assert.ok((await remote(key).verify(algorithm, digestOf(hash), result)).result);
  }
});

await test("createOctKey with hsm, and importKey into it", async () => {
  const made = await client.createOctKey("oct", { hsm: true, keySize: 256 });
  assert.equal(made.keyType, "oct-HSM");
  assert.equal(made.key.k, undefined);
  const gcm = { algorithm: "A256GCM", plaintext: message };
  const sealed = await remote(made).encrypt(gcm);
  same((await remote(made).decrypt({ algorithm: "A256GCM", ciphertext: sealed.result, iv: sealed.iv,
    authenticationTag: sealed.authenticationTag })).result, message);

  const k = crypto.randomBytes(32);
  const key = await client.importKey("imported", { kty: "oct", k }, { hardwareProtected: true });
  assert.equal(key.keyType, "oct-HSM");
  const { result } = await remote(key).wrapKey("A256KW", Buffer.alloc(32, 7));
  const cipher = crypto.createCipheriv("id-aes256-wrap", k, Buffer.alloc(8, 0xa6));
  same(result, Buffer.concat([cipher.update(Buffer.alloc(32, 7)), cipher.final()]));
  same((await remote(key).unwrapKey("A256KW", result)).result, Buffer.alloc(32, 7));
});

await test("importKey with hardwareProtected: RSA and EC", async () => {
  const bytes = (jwk) => Object.fromEntries(Object.entries(jwk).map(([name, value]) =>
    [name, ["kty", "crv"].includes(name) ? value : Buffer.from(value, "base64url")]));
  const hardwareProtected = true;
  const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const importedRsa = await client.importKey("imported-rsa",
    bytes(rsa.privateKey.export({ format: "jwk" })), { hardwareProtected });
  assert.equal(importedRsa.keyType, "RSA-HSM");
  const signed = await remote(importedRsa).sign("PS256", digestOf("sha256"));
  assert.ok(crypto.verify("sha256", message, { key: rsa.publicKey,
    padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signed.result));
  const ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-384" });
  const importedEc = await client.importKey("imported-ec",
    bytes(ec.privateKey.export({ format: "jwk" })), { hardwareProtected });
  const { result } = await remote(importedEc).sign("ES384", digestOf("sha384"));
  assert.ok(crypto.verify("sha384", message, { key: ec.publicKey, dsaEncoding: "ieee-p1363" }, result));
});

await test("rotateKey makes another key; old versions stay usable; a purge ends all", async () => {
  const first = await client.createEcKey("rotated", { hsm: true });
  const second = await client.rotateKey("rotated");
  assert.equal(second.keyType, "EC-HSM");
  assert.notDeepEqual(Buffer.from(first.key.x), Buffer.from(second.key.x));
  for (const key of [first, second]) {
    const { result } = await remote(key).sign("ES256", digestOf("sha256"));
    const node = { key: publicKey(key), dsaEncoding: "ieee-p1363" };
    assert.ok(crypto.verify("sha256", message, node, result));
  }
  await (await client.beginDeleteKey("rotated", { intervalInMs: 50 })).pollUntilDone();
  await client.purgeDeletedKey("rotated");
  await assert.rejects(client.getKey("rotated"), refusedWith(404, "KeyNotFound"));
});

await test("what leaves no HSM is refused: backup and attestation", async () => {
  await assert.rejects(client.backupKey("rsa"), refusedWith(400, "NotSupported"));
  await assert.rejects(client.getKeyAttestation("rsa"), refusedWith(400, "NotSupported"));
});

await test("keys of the vault itself stay beside those of the HSM", async () => {
  const key = await client.createRsaKey("software");
  assert.equal(key.keyType, "RSA");
  const sealed = await remote(key).encrypt("RSA-OAEP-256", message);
  same((await remote(key).decrypt("RSA-OAEP-256", sealed.result)).result, message);
});

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
