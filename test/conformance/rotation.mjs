// A key rotation under load: several connections ask for tokens without pause while the service
// gets a new key, and each token is validated as relying parties do that keep key sets.
//
//   ASSAY_URL, ASSAY_EVIDENCE   as for run.mjs
//   ASSAY_STATE, ASSAY_PID      state folder and process of that service, which signs with RS256
//   ASSAY_BIN                   the program `assay`
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader } from "jose";
import { attest, discover, keysOf, kinds, validate } from "./relying_party.mjs";

const { ASSAY_URL: issuer, ASSAY_STATE: state, ASSAY_BIN: assay, ASSAY_PID: pid } = process.env;
const evidence = JSON.parse(readFileSync(process.env.ASSAY_EVIDENCE, "utf8"));
const usable = kinds.filter(([, needs]) => evidence[needs]);
const { jwks_uri: address } = await discover(issuer);
const published = async () => (await fetch(address)).json();
const kidOf = (token) => decodeProtectedHeader(token).kid;

// These never ask for a key they do not know: they find it when their set grew old, or not at all.
const kMaxAges = [10_000, 20_000, 40_000, 50_000];
const kNever = Number.POSITIVE_INFINITY;
const keeping = (maxAge) =>
  createRemoteJWKSet(new URL(address), { cacheMaxAge: maxAge, cooldownDuration: kNever });

const count = { tokens: 0, validations: 0, failures: 0 };
const byKid = new Map(); // the tokens' number, first and last iat, and one of them
const faults = [];
let kept; // of a client that read the keys as soon as the new one was there, and never again
let stopping = false;

function fail(error) {
  count.failures += 1;
  if (faults.length < 5) faults.push(error.message);
  if (count.failures > 1000) stopping = true;
}

function note(token) {
  const [kid, { iat }] = [kidOf(token), decodeJwt(token)];
  const seen = byKid.get(kid) ?? { tokens: 0, first: iat, last: iat, token };
  seen.tokens += 1;
  seen.first = Math.min(seen.first, iat);
  seen.last = Math.max(seen.last, iat);
  byKid.set(kid, seen);
}

// One relying party with key sets of its own: jose's by default (asks again for an unknown key,
// at most every 30 seconds, and after ten minutes in any case), and one of those above.
async function connection(index) {
  const sets = [createRemoteJWKSet(new URL(address)), keeping(kMaxAges[index])];
  for (let round = 0; !stopping; round += 1) {
    try {
      const [kind, needs] = usable[round % usable.length];
      const token = await attest(issuer, kind, evidence[needs]);
      count.tokens += 1;
      note(token);
      for (const keys of kept ? [...sets, kept] : sets) {
        count.validations += 1;
        await validate(token, keys, issuer, "RS256").catch(fail);
      }
    } catch (error) {
      fail(error);
    }
  }
}

function rotate(...options) {
  const text = execFileSync(assay, ["token", "rotate-keys", "--state", state, "--json", ...options]);
  process.kill(Number(pid), "SIGHUP");
  return JSON.parse(text);
}

async function untilPublished(kid) {
  for (let tries = 0; tries < 50; tries += 1) {
    const set = await published();
    if (set.keys.some((key) => key.kid === kid)) return set;
    await pause(100);
  }
  throw new Error(`${kid} was not published within five seconds of SIGHUP`);
}

const before = await published();
const old = kidOf(await attest(issuer, usable[0][0], evidence[usable[0][1]]));
const connections = kMaxAges.map((_, index) => connection(index));
await pause(2000);
const rotation = rotate("--lead-minutes", "1");
const change = Date.parse(rotation.signsFrom) / 1000;
kept = createLocalJWKSet(await untilPublished(rotation.kid));
const ahead = change - Date.now() / 1000;
// To the change-over and beyond. SIGHUP is for other things too: it must not change the keys.
while (!stopping && Date.now() / 1000 < change + 5) {
  await pause(5000);
  process.kill(Number(pid), "SIGHUP");
}
stopping = true;
await Promise.all(connections);

console.log(`     ${count.tokens} tokens by ${connections.length} connections, ` +
  `${count.validations} validations, ${count.failures} failures`);
for (const [kid, { tokens, first, last }] of byKid) {
  console.log(`     key ${kid.slice(0, 8)}: ${tokens} tokens, issued ${first - change} s to ` +
    `${last - change} s after the change-over`);
}
faults.forEach((fault) => console.log(`FAIL ${fault}`));

const checks = { passed: 0, failed: 0 };
async function test(name, run) {
  try {
    await run();
    checks.passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    checks.failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}
const unknown = (promise) => assert.rejects(promise, { code: "ERR_JWKS_NO_MATCHING_KEY" });
const [one, two] = [byKid.get(old), byKid.get(rotation.kid)];

await test("each token validates with each key set", () => {
  assert.equal(count.failures, 0);
  assert.ok(count.tokens > 100 && count.validations > 2 * count.tokens);
});

await test("the new key was published most of a minute before it signed", () =>
  assert.ok(ahead > 50 && ahead <= 60, `${ahead} s`));

await test("the old key signed up to the change-over, and the new one from then on", () => {
  assert.deepEqual([...byKid.keys()].sort(), [old, rotation.kid].sort());
  assert.ok(one.last < change && one.last >= change - 2, `old: up to ${one.last - change} s`);
  assert.ok(two.first >= change && two.first <= change + 2, `new: from ${two.first - change} s`);
});

await test("a key set from before the rotation knows the old key alone", async () => {
  const keys = createLocalJWKSet(before);
  await validate(one.token, keys, issuer, "RS256");
  await unknown(validate(two.token, keys, issuer, "RS256"));
});

await test("tokens of the old key validate after the change-over", async () =>
  validate(one.token, await keysOf(issuer), issuer, "RS256"));

await test("tokens of a compromised key do not", async () => {
  const third = rotate("--compromised");
  await untilPublished(third.kid);
  const keys = await keysOf(issuer);
  const token = await attest(issuer, usable[0][0], evidence[usable[0][1]]);
  assert.equal(kidOf(token), third.kid);
  await validate(token, keys, issuer, "RS256");
  await unknown(validate(one.token, keys, issuer, "RS256"));
  await unknown(validate(two.token, keys, issuer, "RS256"));
});

console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 && checks.passed > 0 ? 0 : 1);
