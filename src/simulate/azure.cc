// A confidential VM of Azure: an SNP report that binds runtime data, and the vTPM they name.
#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "simulate/parts.h"
#include "simulate/tpm_certify.h"
#include "simulate/tpm_key.h"
#include "simulate/tpm_logs.h"
#include "simulate/tpm_quote.h"

namespace assay::simulate {
namespace {

// RSA takes a while to make: once per process.
Result<std::pair<SigningKey, SigningKey>> MakeAks() {
  static const Result<std::pair<SigningKey, SigningKey>> keys =
      []() -> Result<std::pair<SigningKey, SigningKey>> {
    return std::pair{TRY(SigningKey::Generate(KeyType::kRsa2048)),
                     TRY(SigningKey::Generate(KeyType::kRsa2048))};
  }();
  return keys;
}

Result<std::string> RuntimeData(const SigningKey& ak) {
  const PublicParameters parts = TRY(ak.Public());
  return json::Write(json::Object{
      {"keys", json::Array{json::Object{{"kid", "HCLAkPub"},
                                        {"key_ops", json::Array{"sign"}},
                                        {"kty", "RSA"},
                                        {"e", Base64UrlEncode(parts.e)},
                                        {"n", Base64UrlEncode(parts.n)}}}},
      {"vm-configuration", json::Object{{"secure-boot", true}, {"tpm-enabled", true}}},
      {"user-data", HexEncode(Bytes(64))},
  });
}

// 32 bytes of header, 1184 of hardware report, 20 of runtime header, the JSON, zeros.
Bytes HclReport(View hardware_report, std::string_view runtime_data) {
  constexpr std::size_t kSize = 2600;
  Bytes out = ToBytes(AsBytes("HCLA"));
  AppendLe(out, 2, 4);
  AppendLe(out, 32 + 1184 + 20 + runtime_data.size(), 4);
  AppendLe(out, 2, 4);
  AppendLe(out, 0, 4);
  Append(out, Bytes(12));
  Append(out, hardware_report);
  AppendLe(out, runtime_data.size() + 20, 4);
  AppendLe(out, 1, 4);
  AppendLe(out, 2, 4);  // SNP
  AppendLe(out, 1, 4);  // SHA-256
  AppendLe(out, runtime_data.size(), 4);
  Append(out, AsBytes(runtime_data));
  out.resize(kSize);
  return out;
}

Result<Bytes> SignatureOf(View quote, const SigningKey& key, const Order& order) {
  Bytes out;
  AppendBe(out, 0x0014, 2);  // RSASSA
  AppendBe(out, order.fault == "quote.hash" ? kSha1 : kSha256, 2);
  AppendSized(out, TRY(order.fault == "quote.hash" ? SignRsaSha1(key, quote) : key.Sign(quote)));
  return out;
}

Result<Bytes> KeyArea(const SigningKey& ak, const SigningKey& rogue, const Order& order) {
  constexpr std::uint32_t kRestricted = 1U << 16U;
  const SigningKey& shown = order.fault == "ak.runtime_data" ? rogue : ak;
  const std::uint32_t attributes =
      order.fault == "ak.attributes" ? kRsaAkAttributes & ~kRestricted : kRsaAkAttributes;
  return RsaArea(TRY(shown.Public()), attributes, {});
}

}  // namespace

Result<Simulation> SimulateAzure(const Order& order) {
  const auto [ak, rogue] = TRY(MakeAks());
  const std::string runtime_data = TRY(RuntimeData(ak));
  Order hardware = order;
  hardware.report_data = order.fault == "report.report_data"
                             ? Filler("other runtime data", 32)
                             : ToBytes(Sha256(AsBytes(runtime_data)));
  Simulation out = TRY(SimulateSnp(hardware));
  const TpmLogs logs = MakeTpmLogs(order);
  const Bytes area = TRY(KeyArea(ak, rogue, order));
  if (order.fault != "ak.runtime_data") out.expectations.enrolled_aks = {NameOfArea(area)};
  if (order.fault == "ak.enrolled") out.expectations.enrolled_aks = {Filler("another", 34)};
  const Bytes nonce = order.report_data.empty() ? Filler(kReportData, 32) : order.report_data;
  const SigningKey& signer = order.fault == "quote.signature" ? rogue : ak;
  const auto text = [](View bytes) { return json::Value(Base64UrlEncode(bytes)); };
  json::Array quotes;
  for (const Bytes& quote : QuotesOf(logs, Filler("name", 34), nonce, order)) {
    quotes.emplace_back(json::Object{{"message", text(quote)},
                                     {"signature", text(TRY(SignatureOf(quote, signer, order)))}});
  }
  out.evidence = ToBytes(AsBytes(json::Write(json::Object{
      {"assay-evidence", "azure/1"},
      {"hcl_report", text(HclReport(out.evidence, runtime_data))},
      {"ak", text(area)},
      {"quotes", std::move(quotes)},
      {"pcrs", PcrsOf(logs, order)},
      {"event_log", text(logs.event_log)},
      {"ima_log", text(ImaListOf(logs))},
  })));
  out.files["evidence.bin"] = out.evidence;
  ExpectReportData(out, nonce, order, "quote.nonce");
  return out;
}

}  // namespace assay::simulate
