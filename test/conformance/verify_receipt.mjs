// A verifier of Confidential Ledger's write receipts, by the published algorithm alone (azure-docs,
// confidential-ledger/verify-write-transaction-receipts.md; the claims digest as its client libraries
// compute it). It shares nothing with Assay but the receipts.
//
//   node verify_receipt.mjs RECEIPT.json SERVICE.pem
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key, text) => crypto.createHmac("sha256", key).update(text).digest();
const bytesOf = (hex, size) => {
  assert.match(hex, new RegExp(`^[0-9a-f]{${2 * size}}$`));
  return Buffer.from(hex, "hex");
};

export function leafOf({ writeSetDigest, commitEvidence, claimsDigest }) {
  return sha256(bytesOf(writeSetDigest, 32), sha256(Buffer.from(commitEvidence)),
    bytesOf(claimsDigest, 32));
}

export function rootOf(receipt) {
  let current = leafOf(receipt.leafComponents);
  for (const element of receipt.proof) {
    const [[side, hash], ...more] = Object.entries(element);
    assert.equal(more.length, 0);
    assert.ok(side === "left" || side === "right");
    const other = bytesOf(hash, 32);
    current = side === "left" ? sha256(other, current) : sha256(current, other);
  }
  return current;
}

export function claimsDigestOf(claims) {
  const digests = claims.map(({ kind, ledgerEntry }) => {
    assert.equal(kind, "LedgerEntry");
    assert.equal(ledgerEntry.protocol, "LedgerEntryV1");
    const key = Buffer.from(ledgerEntry.secretKey, "base64");
    const entry = sha256(hmac(key, ledgerEntry.collectionId), hmac(key, ledgerEntry.contents));
    return sha256(Buffer.from(ledgerEntry.protocol), entry);
  });
  const count = Buffer.alloc(4);
  count.writeUInt32LE(digests.length);
  return sha256(count, ...digests).toString("hex");
}

// ECDSA over a digest (FIPS 186-5 §6.4.2), in affine coordinates: Node's own verification hashes
// what it is given, and here the root is the digest.
const curves = {
  prime256v1: {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n],
  },
  secp384r1: {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: [0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn],
  },
};
const mod = (a, m) => ((a % m) + m) % m;
function inverse(a, m) {
  let [r, next, s, t] = [mod(a, m), m, 1n, 0n];
  while (next !== 0n) {
    const q = r / next;
    [r, next, s, t] = [next, r - q * next, t, s - q * t];
  }
  assert.equal(r, 1n);
  return mod(s, m);
}
function add({ p }, a, b) {
  if (!a || !b) return a ?? b;
  const [[x1, y1], [x2, y2]] = [a, b];
  if (x1 === x2 && mod(y1 + y2, p) === 0n) return null;
  const slope = x1 === x2 ? (3n * x1 * x1 - 3n) * inverse(2n * y1, p)
    : (y2 - y1) * inverse(x2 - x1, p);
  const x = mod(slope * slope - x1 - x2, p);
  return [x, mod(slope * (x1 - x) - y1, p)];
}
function times(curve, k, point) {
  let out = null;
  for (let base = point; k > 0n; k >>= 1n, base = add(curve, base, base)) {
    if (k & 1n) out = add(curve, out, base);
  }
  return out;
}
const numberOf = (bytes) => BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);

// SEQUENCE of two INTEGERs in DER, of below 128 bytes.
function numbersOf(der) {
  assert.equal(der[0], 0x30);
  assert.equal(der[1], der.length - 2);
  const out = [];
  for (let at = 2; at < der.length;) {
    assert.equal(der[at], 0x02);
    out.push(numberOf(der.subarray(at + 2, at + 2 + der[at + 1])));
    at += 2 + der[at + 1];
  }
  assert.equal(out.length, 2);
  return out;
}

export function verifyDigest(key, digest, signature) {
  const curve = curves[key.asymmetricKeyDetails.namedCurve];
  assert.ok(curve, "expected a key on P-256 or P-384");
  const { x, y } = key.export({ format: "jwk" });
  const point = [x, y].map((part) => numberOf(Buffer.from(part, "base64url")));
  const [r, s] = numbersOf(signature);
  if (r <= 0n || r >= curve.n || s <= 0n || s >= curve.n) return false;
  const w = inverse(s, curve.n);
  const found = add(curve, times(curve, mod(numberOf(digest) * w, curve.n), curve.g),
    times(curve, mod(r * w, curve.n), point));
  return found !== null && mod(found[0], curve.n) === r;
}

const endorses = (service, endorsed) =>
  endorsed.issuer === service.subject && endorsed.verify(service.publicKey);

// Throws when a step fails. `service` is the service certificate in PEM; what a signature over the
// root can be verified with otherwise, too, is left out with null.
export function verifyReceipt(answer, service) {
  const { receipt, transactionId, applicationClaims } = answer;
  assert.equal(answer.state, "Ready");
  const node = new crypto.X509Certificate(receipt.cert);
  const spki = node.publicKey.export({ type: "spki", format: "der" });
  assert.equal(sha256(spki).toString("hex"), receipt.nodeId, "the node is another");
  const [, id] = receipt.leafComponents.commitEvidence.match(/^ce:(\d+\.\d+):[0-9a-f]{64}$/) ?? [];
  assert.equal(id, transactionId, "the commit evidence is of another transaction");
  assert.ok(verifyDigest(node.publicKey, rootOf(receipt), Buffer.from(receipt.signature, "base64")),
    "the node did not sign this root");
  if (service !== null) {
    const chain = [...(receipt.serviceEndorsements ?? []), service];
    let endorsed = node;
    for (const pem of chain) {
      const by = new crypto.X509Certificate(pem);
      assert.ok(endorses(by, endorsed), "the certificates do not lead to the service");
      endorsed = by;
    }
  }
  if (applicationClaims) {
    assert.equal(claimsDigestOf(applicationClaims), receipt.leafComponents.claimsDigest,
      "it claims something else");
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [receipt, service] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
  verifyReceipt(JSON.parse(receipt), service);
  console.log("verified");
}
