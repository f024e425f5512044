// A VBS enclave on a machine with a TPM: the machine's evidence, and the enclave's report.
#include "base/encoding.h"
#include "base/json.h"
#include "simulate/parts.h"
#include "simulate/vbs_report.h"

namespace assay::simulate {
namespace {

// RSA takes a while to make: once per process.
Result<std::pair<SigningKey, SigningKey>> MakeIdentityKeys() {
  static const Result<std::pair<SigningKey, SigningKey>> keys =
      []() -> Result<std::pair<SigningKey, SigningKey>> {
    return std::pair{TRY(SigningKey::Generate(KeyType::kRsa2048)),
                     TRY(SigningKey::Generate(KeyType::kRsa2048))};
  }();
  return keys;
}

}  // namespace

Result<Simulation> SimulateVbs(const Order& order) {
  const auto [identity, rogue] = TRY(MakeIdentityKeys());
  Simulation windows;
  Order machine = order;
  machine.boot = TRY(WindowsBootOf(identity, order, windows));
  Simulation out = TRY(SimulateTpm(machine));
  out.roots.windows = windows.roots.windows;
  const std::string statement = R"({"challenge":"simulated","attest_key":{"kty":"RSA"}})";
  const SigningKey& signer = order.fault == "vbs.signature" ? rogue : identity;
  const Bytes report = TRY(VbsReport(AsBytes(statement), signer, order));
  json::Object evidence = *TRY(json::Parse(AsText(out.evidence))).AsObject();
  evidence.front().second = "vbs/1";
  evidence.emplace_back("statement", Base64UrlEncode(AsBytes(statement)));
  evidence.emplace_back("report", Base64UrlEncode(report));
  out.evidence = ToBytes(AsBytes(json::Write(evidence)));
  out.files["evidence.bin"] = out.evidence;
  // Both authorities in the file that is trusted.
  Append(out.files["root.pem"], windows.files["windows.pem"]);
  return out;
}

}  // namespace assay::simulate
