// Writes the evidence that run.mjs sends, from the real samples:
//   node evidence.mjs VECTORS sgx|vm|simulated OUT
import { readFileSync, writeFileSync } from "node:fs";

const [vectors, set, out] = process.argv.slice(2);
const read = (path) => readFileSync(`${vectors}/${path}`);
const text = (bytes) => Buffer.from(bytes).toString("base64url");

// An OE report is an SGX quote behind a 16-byte header: version 1, type 2 (remote), size.
function oeReport(quote) {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(2, 4);
  header.writeBigUInt64LE(BigInt(quote.length), 8);
  return Buffer.concat([header, quote]);
}

function pem(der) {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g).join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const sets = {
  sgx() {
    const quote = read("sgx/maa-intelsdk-release/quote.bin");
    const runtimeData = text(read("sgx/maa-intelsdk-release/enclave_held_data.bin"));
    return {
      sgx: { quote: text(quote), runtimeData },
      openEnclave: { report: text(oeReport(quote)), runtimeData },
    };
  },
  // What needs other evidence makes it itself.
  simulated() {
    return {};
  },
  vm() {
    const folder = "snp/v3-microsoft-milan";
    const chain = ["vcek", "ask", "ark"].map((name) => pem(read(`${folder}/${name}.der`))).join("");
    const report = { SnpReport: text(read(`${folder}/report.bin`)), VcekCertChain: text(chain) };
    return {
      tdx: { quote: text(read("tdx/v5-google-sample-90C06F/quote.bin")) },
      snp: { report: text(JSON.stringify(report)) },
    };
  },
};
writeFileSync(out, JSON.stringify(sets[set]()));
