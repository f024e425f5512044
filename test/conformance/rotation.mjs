// A key rotation under load: several connections ask for tokens without pause while the service and
// a custom provider get new keys, and each token is validated as relying parties do that keep key
// sets.
//
//   ASSAY_URL, ASSAY_EVIDENCE   as for run.mjs
//   ASSAY_CUSTOM                a custom provider
//   ASSAY_STATE, ASSAY_PID      state folder and process of that service, which signs with RS256
//   ASSAY_BIN                   the program `assay`
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader } from "jose";
import { attest, discover, keysOf, kinds, validate } from "./relying_party.mjs";

const { ASSAY_URL: url, ASSAY_CUSTOM: custom, ASSAY_STATE: state, ASSAY_PID: pid } = process.env;
const evidence = JSON.parse(readFileSync(process.env.ASSAY_EVIDENCE, "utf8"));
const usable = kinds.filter(([, needs]) => evidence[needs]);
const tokenOf = (issuer, round = 0) => {
  const [kind, needs] = usable[round % usable.length];
  return attest(issuer, kind, evidence[needs]);
};
const kidOf = (token) => decodeProtectedHeader(token).kid;
const now = () => Date.now() / 1000;
const hangUp = () => process.kill(Number(pid), "SIGHUP");

// The ages in ms at which a client reads the keys again that asks for none it does not know.
const kMaxAges = [10_000, 20_000, 40_000, 50_000];
const kNever = Number.POSITIVE_INFINITY;
// Seconds of load before the rotation, and after the new key began to sign.
const kBefore = 2;
const kAfter = 5;
let stopping = false;

class Rotated {
  constructor(name, issuer) {
    Object.assign(this, { name, issuer, tokens: 0, validations: 0, failures: 0 });
    this.byKid = new Map(); // how many tokens, first and last iat, and one token
    this.faults = [];
  }

  async begin() {
    this.address = (await discover(this.issuer)).jwks_uri;
    this.before = await this.published();
    this.old = kidOf(await tokenOf(this.issuer));
    this.connections = kMaxAges.map((maxAge) => this.connection(maxAge));
  }

  async published() {
    return (await fetch(this.address)).json();
  }

  // One relying party with two key sets of its own: as jose keeps it by default (it asks again for
  // an unknown key, at most every 30 seconds, and after ten minutes in any case), and by age alone.
  async connection(maxAge) {
    const byAge = { cacheMaxAge: maxAge, cooldownDuration: kNever };
    const sets = [{}, byAge].map((caching) => createRemoteJWKSet(new URL(this.address), caching));
    for (let round = 0; !stopping; round += 1) {
      try {
        const token = await tokenOf(this.issuer, round);
        this.note(token);
        for (const keys of this.kept ? [...sets, this.kept] : sets) {
          this.validations += 1;
          await validate(token, keys, this.issuer, "RS256").catch((error) => this.fail(error));
        }
      } catch (error) {
        this.fail(error);
      }
    }
  }

  fail(error) {
    this.failures += 1;
    if (this.faults.length < 5) this.faults.push(error.message);
    if (this.failures > 1000) stopping = true;
  }

  note(token) {
    const [kid, { iat }] = [kidOf(token), decodeJwt(token)];
    const seen = this.byKid.get(kid) ?? { tokens: 0, first: iat, last: iat, token };
    seen.tokens += 1;
    seen.first = Math.min(seen.first, iat);
    seen.last = Math.max(seen.last, iat);
    this.byKid.set(kid, seen);
    this.tokens += 1;
  }

  // The service's keys lie in its state folder, those of a provider in NAME.ID below it.
  rotate(...options) {
    const isOwn = (folder) => folder.startsWith(`${custom}.`);
    const folder = this.issuer === url
      ? state
      : `${state}/providers/${readdirSync(`${state}/providers`).find(isOwn)}`;
    const line = ["token", "rotate-keys", "--state", folder, "--json", ...options];
    return JSON.parse(execFileSync(process.env.ASSAY_BIN, line));
  }

  async untilPublished(kid) {
    for (let tries = 0; tries < 50; tries += 1) {
      const set = await this.published();
      if (set.keys.some((key) => key.kid === kid)) return set;
      await pause(100);
    }
    throw new Error(`${this.name}: ${kid} was not published within five seconds of SIGHUP`);
  }

  // `kept` is the set of a client that reads the keys now, and never again.
  async takeNewKey({ kid, signsFrom }) {
    this.fresh = kid;
    this.change = Date.parse(signsFrom) / 1000;
    this.kept = createLocalJWKSet(await this.untilPublished(kid));
    this.ahead = this.change - now();
  }

  tell() {
    console.log(`     ${this.name}: ${this.tokens} tokens by ${kMaxAges.length} connections, ` +
      `${this.validations} validations, ${this.failures} failures`);
    for (const [kid, { tokens, first, last }] of this.byKid) {
      console.log(`     key ${kid.slice(0, 8)}: ${tokens} tokens, issued ${first - this.change} s ` +
        `to ${last - this.change} s after the change-over`);
    }
    this.faults.forEach((fault) => console.log(`FAIL ${fault}`));
  }
}

const all = [new Rotated("shared", url), new Rotated("custom", `${url}/providers/${custom}`)];
await Promise.all(all.map((one) => one.begin()));
await pause(kBefore * 1000);
const rotations = all.map((one) => one.rotate("--lead-minutes", "1"));
hangUp();
await Promise.all(all.map((one, index) => one.takeNewKey(rotations[index])));
const end = Math.max(...all.map((one) => one.change)) + kAfter;
while (!stopping && now() < end) {
  await pause(Math.min(5, Math.max(end - now(), 0.1)) * 1000);
  hangUp(); // it is for other things too, and must not change the keys
}
stopping = true;
await Promise.all(all.flatMap((one) => one.connections));
all.forEach((one) => one.tell());

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
const unknown = (promise) => assert.rejects(promise, { code: "ERR_JWKS_NO_MATCHING_KEY" });

for (const one of all) {
  const { name, issuer, change, old, fresh, ahead } = one;
  const [first, second] = [one.byKid.get(old), one.byKid.get(fresh)];
  await test(`${name}: each token validates with each key set`, () => {
    assert.equal(one.failures, 0);
    assert.ok(one.tokens > 100 && one.validations > 2 * one.tokens);
  });

  await test(`${name}: the new key was published most of a minute before it signed`, () =>
    assert.ok(ahead > 50 && ahead <= 60, `${ahead} s`));

  await test(`${name}: the old key signed up to the change-over, the new one from then on`, () => {
    assert.deepEqual([...one.byKid.keys()].sort(), [old, fresh].sort());
    assert.ok(first.last < change && first.last >= change - 2, `old: to ${first.last - change} s`);
    assert.ok(second.first >= change && second.first <= change + 2,
      `new: from ${second.first - change} s`);
  });

  await test(`${name}: a key set from before the rotation knows the old key alone`, async () => {
    const keys = createLocalJWKSet(one.before);
    await validate(first.token, keys, issuer, "RS256");
    await unknown(validate(second.token, keys, issuer, "RS256"));
  });

  await test(`${name}: tokens of the old key validate after the change-over`, async () =>
    validate(first.token, await keysOf(issuer), issuer, "RS256"));

  await test(`${name}: tokens of a compromised key do not`, async () => {
    const third = one.rotate("--compromised");
    hangUp();
    await one.untilPublished(third.kid);
    const keys = await keysOf(issuer);
    const token = await tokenOf(issuer);
    assert.equal(kidOf(token), third.kid);
    await validate(token, keys, issuer, "RS256");
    await unknown(validate(first.token, keys, issuer, "RS256"));
    await unknown(validate(second.token, keys, issuer, "RS256"));
  });
}

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
