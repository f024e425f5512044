// Drives the ledger with the unmodified @azure-rest/confidential-ledger, every operation of its API
// version, and verifies each receipt it gets with verify_receipt.mjs and with `assay ledger verify`.
//
//   ASSAY_URL         https://localhost:8443
//   ASSAY_TOKENS      a folder with bearer tokens: ledger-administrator (a role of the access file),
//                     alice and bob (users that the ledger is told of), admin (no role there)
//   ASSAY_USERS       a folder with client certificates that nobody vouches for: mallory and carol,
//                     .pem and .key each
//   ASSAY_RECORDINGS  recordings of the real service
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ledgerModule from "@azure-rest/confidential-ledger";
import { rootOf, verifyReceipt } from "./verify_receipt.mjs";

const { default: ConfidentialLedger, getLedgerIdentity, isUnexpected, paginate } = ledgerModule;
const { ASSAY_URL: url, ASSAY_TOKENS: tokens, ASSAY_USERS: users, ASSAY_BIN: assay } = process.env;
const recordings = process.env.ASSAY_RECORDINGS ?? "../../../shared/recordings";
const count = { passed: 0, failed: 0 };
const driven = new Map();
const work = mkdtempSync(join(tmpdir(), "assay-ledger-"));

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

const credentialOf = (name) => ({
  getToken: async () => ({
    token: readFileSync(`${tokens}/${name}`, "utf8").trim(),
    expiresOnTimestamp: Date.now() + 3600_000,
  }),
});
const identity = await getLedgerIdentity("contoso", url);
const service = identity.ledgerIdentityCertificate;
// Counts what goes over the wire: no operation is called driven that did not get its answer.
const counted = (options = {}) => ({
  ...options,
  additionalPolicies: [{
    position: "perCall",
    policy: {
      name: "counted",
      sendRequest: async (request, next) => {
        const answer = await next(request);
        const path = new URL(request.url).pathname.replace(/\/\d+\.\d+/, "/{transactionId}")
          .replace(/users\/.+/, "users/{userId}");
        const key = `${request.method} ${path}`;
        if (answer.status < 300) driven.set(key, (driven.get(key) ?? 0) + 1);
        return answer;
      },
    },
  }],
});
const clientOf = (name) => ConfidentialLedger(url, service, credentialOf(name), counted());
const certifiedClient = (name) => ConfidentialLedger(url, service, counted({
  tlsOptions: {
    cert: readFileSync(`${users}/${name}.pem`, "utf8"),
    key: readFileSync(`${users}/${name}.key`, "utf8"),
  },
}));
const client = clientOf("ledger-administrator");
// For users the client's own isUnexpected does not ask for the method: a GET or PATCH that was
// answered 200 is unexpected to it, as DELETE is answered 204. There the status alone decides.
const expected = (response) => {
  const { pathname } = new URL(response.request.url);
  const unexpected = pathname.startsWith("/app/users/") ? !/^20[04]$/.test(response.status)
    : isUnexpected(response);
  assert.ok(!unexpected, `${response.status} ${JSON.stringify(response.body)}`);
  return response;
};
const refused = (response, status, code) => {
  assert.ok(isUnexpected(response));
  assert.equal(response.status, String(status), JSON.stringify(response.body));
  assert.equal(response.body.error.code, code);
  assert.ok(response.body.error.message.length > 0);
};
const collect = async (response) => {
  const out = [];
  for await (const one of paginate(client, response)) out.push(one);
  return out;
};
const post = async (contents, queryParameters = {}, as = client) => {
  const response = await as.path("/app/transactions").post({ body: { contents }, queryParameters });
  return { response, id: response.headers["x-ms-ccf-transaction-id"] };
};
const receiptOf = async (id) => {
  const { body } = expected(await client.path("/app/transactions/{transactionId}/receipt", id).get());
  assert.equal(body.state, "Ready");
  assert.equal(body.transactionId, id);
  return body;
};
// What `assay ledger verify` says of it.
const verifiedByAssay = (answer, pem = service) => {
  writeFileSync(`${work}/receipt.json`, JSON.stringify(answer));
  writeFileSync(`${work}/service.pem`, pem);
  try {
    const out = execFileSync(assay, ["ledger", "verify", `${work}/receipt.json`, "--json",
      "--service-certificate", `${work}/service.pem`], { encoding: "utf8", stdio: "pipe" });
    return JSON.parse(out).verified;
  } catch (error) {
    assert.ok(error.status === 1 || error.status === 2, error.stderr);
    return false;
  }
};
const own = (answer) => {
  try {
    verifyReceipt(answer, service);
    return true;
  } catch {
    return false;
  }
};

await test("the identity is the certificate that TLS verifies under", async () => {
  assert.equal(identity.ledgerId, "contoso");
  const certificate = new X509Certificate(service);
  assert.ok(certificate.ca);
  assert.ok(certificate.verify(certificate.publicKey));
  // The client trusts this one certificate and nothing else.
  expected(await client.path("/app/enclaveQuotes").get());
  const stranger = readFileSync(`${users}/mallory.pem`, "utf8");
  const misled = ConfidentialLedger(url, stranger, credentialOf("ledger-administrator"),
    { retryOptions: { maxRetries: 0 } });
  await assert.rejects(async () => misled.path("/app/enclaveQuotes").get());
});

await test("an identity of another name is not there", async () => {
  await assert.rejects(getLedgerIdentity("other", url));
});

const written = [];
await test("createLedgerEntry and getLedgerEntry", async () => {
  for (const [contents, collectionId] of [["Hello", undefined], ["Grüße, \n\"Welt\"", undefined],
    ["in a collection", "my collection/1"], ["", "my collection/1"]]) {
    const { response, id } = await post(contents, { collectionId });
    expected(response);
    assert.match(id, /^2\.\d+$/);
    assert.equal(response.body.collectionId, collectionId ?? "subledger:0");
    written.push({ id, contents, collectionId: response.body.collectionId });
  }
  for (const { id, contents, collectionId } of written) {
    const path = client.path("/app/transactions/{transactionId}", id);
    const { body } = expected(await path.get({ queryParameters: { collectionId } }));
    assert.equal(body.state, "Ready");
    assert.deepEqual(body.entry, { contents, collectionId, transactionId: id });
    refused(await path.get({ queryParameters: { collectionId: "elsewhere" } }), 404, "NotFound");
  }
  refused(await client.path("/app/transactions/{transactionId}", "2.999").get(), 404, "NotFound");
  refused(await client.path("/app/transactions/{transactionId}", "x").get(), 400,
    "InvalidParameter");
});

await test("getCurrentLedgerEntry", async () => {
  const { body } = expected(await client.path("/app/transactions/current").get());
  assert.equal(body.contents, written[1].contents);
  assert.equal(body.transactionId, written[1].id);
  const other = expected(await client.path("/app/transactions/current")
    .get({ queryParameters: { collectionId: "my collection/1" } }));
  assert.equal(other.body.transactionId, written[3].id);
  refused(await client.path("/app/transactions/current")
    .get({ queryParameters: { collectionId: "nothing" } }), 404, "NotFound");
});

await test("listLedgerEntries: pages that join, ranges, collections", async () => {
  const ids = [];
  for (let i = 0; i < 230; i += 1) ids.push((await post(`${i}`, { collectionId: "a & b" })).id);
  const list = (queryParameters) => client.path("/app/transactions").get({ queryParameters });
  const first = expected(await list({ collectionId: "a & b" }));
  assert.equal(first.body.entries.length, 100);
  assert.ok(first.body.nextLink.startsWith("/app/transactions?"));
  const all = await collect(first);
  assert.deepEqual(all.map((one) => one.transactionId), ids);
  assert.deepEqual(all.map((one) => one.contents), ids.map((_, i) => `${i}`));
  const some = await collect(expected(await list({
    collectionId: "a & b", fromTransactionId: ids[17], toTransactionId: ids[150],
  })));
  assert.deepEqual(some.map((one) => one.transactionId), ids.slice(17, 151));
  const own = await collect(expected(await list({})));
  assert.deepEqual(own.map((one) => one.contents), written.slice(0, 2).map((one) => one.contents));
  refused(await list({ fromTransactionId: "x" }), 400, "InvalidParameter");
});

await test("listCollections", async () => {
  const all = await collect(expected(await client.path("/app/collections").get()));
  assert.deepEqual(all.map((one) => one.collectionId).toSorted(),
    ["a & b", "my collection/1", "subledger:0"]);
});

await test("getTransactionStatus", async () => {
  const path = "/app/transactions/{transactionId}/status";
  const { body } = expected(await client.path(path, written[0].id).get());
  assert.deepEqual(body, { state: "Committed", transactionId: written[0].id });
  refused(await client.path(path, "2.99999").get(), 404, "NotFound");
});

await test("getReceipt: verified by two programs, refused after each change", async () => {
  let changes = 0;
  for (const { id } of written) {
    const answer = await receiptOf(id);
    verifyReceipt(answer, service);
    assert.ok(verifiedByAssay(answer));
  }
  const good = await receiptOf(written[2].id);
  assert.ok(good.receipt.proof.length > 3);
  const flips = (text) => [0, text.length >> 1, text.length - 3].map((at) =>
    text.slice(0, at) + (text[at] === "1" ? "2" : "1") + text.slice(at + 1));
  const change = (edit) => {
    const copy = structuredClone(good);
    edit(copy);
    changes += 1;
    assert.ok(!own(copy), "verify_receipt.mjs accepts a change");
    assert.ok(!verifiedByAssay(copy), "assay accepts a change");
  };
  for (const name of ["writeSetDigest", "commitEvidence", "claimsDigest"]) {
    for (const text of flips(good.receipt.leafComponents[name])) {
      change((copy) => { copy.receipt.leafComponents[name] = text; });
    }
  }
  for (const name of ["nodeId", "signature"]) {
    for (const text of flips(good.receipt[name]).slice(0, 2)) {
      change((copy) => { copy.receipt[name] = text; });
    }
  }
  good.receipt.proof.forEach((element, i) => {
    const [[side, hash]] = Object.entries(element);
    change((copy) => { copy.receipt.proof[i] = { [side]: flips(hash)[1] }; });
    change((copy) => { copy.receipt.proof[i] = { [side === "left" ? "right" : "left"]: hash }; });
    change((copy) => { copy.receipt.proof.splice(i, 1); });
  });
  change((copy) => { copy.transactionId = written[0].id; });
  change((copy) => { copy.state = "Loading"; });
  change((copy) => { copy.receipt.cert = service; });
  const other = readFileSync(`${users}/mallory.pem`, "utf8");
  assert.ok(!verifiedByAssay(good, other));
  assert.throws(() => verifyReceipt(good, other));
  console.log(`     ${changes} changed receipts, all refused by both`);
});

await test("every transaction has a receipt, and all of one moment have one root", async () => {
  const last = Number((await post("last")).id.slice(2));
  const roots = new Set();
  for (let seqno = 1; seqno <= last; seqno += 1) {
    const answer = await receiptOf(`2.${seqno}`);
    verifyReceipt(answer, service);
    roots.add(rootOf(answer.receipt).toString("hex"));
  }
  assert.equal(roots.size, 1);
  console.log(`     ${last} receipts verified`);
});

await test("receipts of later versions claim their entry", async () => {
  const versioned = ConfidentialLedger(url, service, credentialOf("ledger-administrator"),
    counted({ apiVersion: "2022-11-23" }));
  const { body } = expected(await versioned
    .path("/app/transactions/{transactionId}/receipt", written[1].id).get());
  verifyReceipt(body, service);
  assert.ok(verifiedByAssay(body));
  const [{ ledgerEntry }] = body.applicationClaims;
  assert.equal(ledgerEntry.contents, written[1].contents);
  assert.equal(ledgerEntry.collectionId, "subledger:0");
  for (const name of ["contents", "collectionId"]) {
    const copy = structuredClone(body);
    copy.applicationClaims[0].ledgerEntry[name] += "x";
    assert.ok(!own(copy));
    assert.ok(!verifiedByAssay(copy));
  }
});

await test("getConstitution, listConsortiumMembers, getEnclaveQuotes", async () => {
  const constitution = expected(await client.path("/app/governance/constitution").get()).body;
  const digest = createHash("sha256").update(constitution.script).digest("hex");
  assert.equal(constitution.digest, digest);
  const members = expected(await client.path("/app/governance/members").get());
  assert.deepEqual(members.body.members, []);
  const quotes = expected(await client.path("/app/enclaveQuotes").get()).body;
  assert.equal(quotes.currentNodeId, (await receiptOf(written[0].id)).receipt.nodeId);
  assert.deepEqual(quotes.enclaveQuotes, {});
});

const setRole = (userId, assignedRole, as = client) => as.path("/app/users/{userId}", userId)
  .patch({ contentType: "application/merge-patch+json", body: { assignedRole } });

await test("createOrUpdateUser, getUser and deleteUser, and what their roles may", async () => {
  const alice = clientOf("alice");
  const read = (as) => as.path("/app/collections").get();
  refused(await read(alice), 403, "Forbidden");
  for (const [role, mayWrite, mayManage] of [["Reader", false, false], ["Contributor", true, false],
    ["Administrator", true, true]]) {
    const made = expected(await setRole("alice", role));
    assert.deepEqual(made.body, { assignedRole: role, userId: "alice" });
    assert.match(made.headers["x-ms-ccf-transaction-id"], /^2\.\d+$/);
    const user = expected(await client.path("/app/users/{userId}", "alice").get());
    assert.deepEqual(user.body, { assignedRole: role, userId: "alice" });
    expected(await read(alice));
    const { response } = await post("by alice", { collectionId: "alice" }, alice);
    if (mayWrite) expected(response);
    else refused(response, 403, "Forbidden");
    const managed = await setRole("bob", "Reader", alice);
    if (mayManage) expected(managed);
    else refused(managed, 403, "Forbidden");
  }
  const gone = await client.path("/app/users/{userId}", "alice").delete();
  assert.equal(gone.status, "204");
  refused(await read(alice), 403, "Forbidden");
  refused(await client.path("/app/users/{userId}", "alice").get(), 404, "NotFound");
  refused(await client.path("/app/users/{userId}", "alice").delete(), 404, "NotFound");
  refused(await setRole("alice", "Owner"), 400, "InvalidParameter");
  expected(await read(clientOf("bob")));
  refused(await read(clientOf("admin")), 403, "Forbidden");
});

await test("a client certificate is a user by its fingerprint, whoever issued it", async () => {
  const carol = certifiedClient("carol");
  const fingerprint = new X509Certificate(readFileSync(`${users}/carol.pem`)).fingerprint256;
  refused(await carol.path("/app/collections").get(), 403, "Forbidden");
  const made = expected(await setRole(fingerprint, "Contributor"));
  assert.equal(made.body.userId, fingerprint);
  const { response, id } = await post("by carol", {}, carol);
  expected(response);
  expected(await carol.path("/app/transactions/{transactionId}", id).get());
  refused(await setRole("bob", "Administrator", carol), 403, "Forbidden");
  refused(await certifiedClient("mallory").path("/app/collections").get(), 403, "Forbidden");
  const nobody = ConfidentialLedger(url, service, counted());
  refused(await nobody.path("/app/collections").get(), 401, "Unauthorized");
});

await test("the recorded receipt of the real service", async () => {
  const path = `${recordings}/acl-receipts/docs-example-1.json`;
  if (!existsSync(path)) return console.log(`     skipped, there is none at ${path}`);
  const recorded = JSON.parse(readFileSync(path, "utf8"));
  // Its service certificate was not published with it.
  verifyReceipt(recorded, null);
  let changes = 0;
  const bent = (edit) => {
    const copy = structuredClone(recorded);
    edit(copy.receipt, copy);
    changes += 1;
    assert.throws(() => verifyReceipt(copy, null));
  };
  const flip = (text, at) => text.slice(0, at) + (text[at] === "1" ? "2" : "1") + text.slice(at + 1);
  for (const name of Object.keys(recorded.receipt.leafComponents)) {
    const text = recorded.receipt.leafComponents[name];
    for (let at = 0; at < text.length; at += 1) {
      bent((receipt) => { receipt.leafComponents[name] = flip(text, at); });
    }
  }
  recorded.receipt.proof.forEach(({ left }, i) => {
    for (let at = 0; at < left.length; at += 1) {
      bent((receipt) => { receipt.proof[i] = { left: flip(left, at) }; });
    }
    bent((receipt) => { receipt.proof[i] = { right: left }; });
  });
  bent((receipt) => { receipt.nodeId = flip(receipt.nodeId, 0); });
  bent((_, copy) => { copy.transactionId = "2.41"; });
  assert.ok(!verifiedByAssay(recorded), "it is of another service");
  console.log(`     accepted; ${changes} changed ones refused`);
});

const operations = ["GET /app/governance/constitution", "GET /app/governance/members",
  "GET /app/enclaveQuotes", "GET /app/collections", "GET /app/transactions",
  "POST /app/transactions", "GET /app/transactions/{transactionId}",
  "GET /app/transactions/{transactionId}/receipt", "GET /app/transactions/{transactionId}/status",
  "GET /app/transactions/current", "DELETE /app/users/{userId}", "GET /app/users/{userId}",
  "PATCH /app/users/{userId}"];
await test(`all ${operations.length} operations of the client were driven`, async () => {
  for (const one of operations) {
    assert.ok(driven.get(one) > 0, one);
    console.log(`     ${String(driven.get(one)).padStart(4)}  ${one}`);
  }
});

rmSync(work, { recursive: true });
console.log(`ledger: ${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);
