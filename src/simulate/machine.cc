#include "simulate/machine.h"

#include "base/encoding.h"
#include "simulate/tpm_certify.h"
#include "simulate/tpm_key.h"
#include "simulate/tpm_quote.h"

namespace assay::simulate {

Result<SimulatedMachine> SimulatedMachine::Make() {
  VendorKey ak = TRY(VendorKey::Generate(VendorKeyType::kP256));
  Bytes area = TRY(AttestationKeyArea(ak, {}));
  return SimulatedMachine(std::move(ak), std::move(area));
}

Bytes SimulatedMachine::ak_name() const { return NameOfArea(ak_area_); }

std::string SimulatedMachine::ak_spki() const {
  const PublicKey key = PublicKey::FromPoint(Curve::kP256, ak_.Point().value_or(Bytes())).value();
  return HexEncode(key.SpkiDigest());
}

void SimulatedMachine::Boot(TpmBoot boot) {
  boot_ = std::move(boot);
  ++resets_;
}

void SimulatedMachine::Run(std::string path, std::string content) {
  boot_.files.emplace_back(std::move(path), std::move(content));
}

namespace {

// SHA-256 of the data, a zero byte and the challenge (tee/tpm/evidence.h, "quote_binding").
Bytes NonceWith(View bound, View nonce) {
  if (bound.empty()) return ToBytes(nonce);
  Bytes all = ToBytes(bound);
  all.push_back(std::byte{0});
  Append(all, nonce);
  return ToBytes(Sha256(all));
}

}  // namespace

Result<std::string> SimulatedMachine::Answer(View nonce, const LeftOut& left_out,
                                             View bound) const {
  Order order;
  order.boot = boot_;
  const TpmLogs logs = MakeTpmLogs(order);
  const Bytes quote = QuoteOf(logs, ak_name(), NonceWith(bound, nonce), order, resets_);
  const auto text = [](View bytes) { return json::Value(Base64UrlEncode(bytes)); };
  json::Object out{{"assay-evidence", "tpm/1"},
                   {"ak", text(ak_area_)},
                   {"quotes", json::Array{json::Object{
                                  {"message", text(quote)},
                                  {"signature", text(TRY(SignatureOf(quote, ak_, order)))}}}},
                   {"pcrs", PcrsOf(logs, order)},
                   {"ima_log", text(ImaListOf(logs, left_out.ima_from))}};
  if (!bound.empty()) {
    out.emplace_back("quote_binding", json::Object{{"hash", "sha256"}, {"data", text(bound)}});
  }
  if (left_out.ima_from > 0) out.emplace_back("ima_from", left_out.ima_from);
  if (left_out.event_log) {
    out.emplace_back("event_log_sha256", HexEncode(Sha256(logs.event_log)));
  } else {
    out.emplace_back("event_log", text(logs.event_log));
  }
  return json::Write(out);
}

Result<json::Value> SimulatedMachine::Certify(View area, View nonce) const {
  return CertifiedKeyJson(area, CertificationOf(NameOfArea(area), ak_name(), nonce), ak_);
}

}  // namespace assay::simulate
