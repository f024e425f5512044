#include "simulate/tpm_quote.h"

#include "base/encoding.h"

namespace assay::simulate {

void AppendBe(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) {
    out.push_back(static_cast<std::byte>(value >> (8 * (i - 1)) & 0xFFU));
  }
}

void AppendSized(Bytes& out, View bytes) {
  AppendBe(out, bytes.size(), 2);
  Append(out, bytes);
}

Bytes QuoteOf(const TpmLogs& logs, View signer, View nonce, const Order& order,
              std::uint32_t resets) {
  // The fault: PCR 3 is left out.
  const unsigned without = order.fault == "quote.pcrs" ? 3 : 99;
  Bytes selected;
  std::uint32_t bits = 0;
  for (const auto& [pcr, value] : logs.pcrs) {
    if (pcr == without) continue;
    Append(selected, value);
    bits |= 1U << pcr;
  }
  Bytes out;
  AppendBe(out, 0xFF544347, 4);
  AppendBe(out, 0x8018, 2);
  AppendSized(out, signer);
  AppendSized(out, nonce);
  AppendBe(out, 1'000'000, 8);  // clock
  AppendBe(out, resets, 4);
  AppendBe(out, 0, 4);  // restarts
  AppendBe(out, 1, 1);  // safe
  AppendBe(out, 0x2026110100000000, 8);
  AppendBe(out, 1, 4);
  AppendBe(out, kSha256, 2);
  AppendBe(out, 3, 1);
  AppendLe(out, bits, 3);
  // The digest is made with the signature's hash.
  const Bytes digest =
      order.fault == "quote.hash" ? ToBytes(Sha1(selected)) : ToBytes(Sha256(selected));
  AppendSized(out, digest);
  return out;
}

std::vector<Bytes> QuotesOf(const TpmLogs& logs, View signer, View nonce, const Order& order) {
  std::vector<Bytes> out = {QuoteOf(logs, signer, nonce, order, 7)};
  if (order.fault == "quote.same_boot") out.push_back(QuoteOf(logs, signer, nonce, order, 8));
  return out;
}

json::Value PcrsOf(const TpmLogs& logs, const Order& order) {
  json::Object values;
  for (const auto& [pcr, value] : logs.pcrs) {
    // The fault: one that no log explains, so that nothing else notices.
    const bool other = order.fault == "quote.pcr_digest" && pcr == 14;
    values.emplace_back(std::to_string(pcr), HexEncode(other ? Filler("other", 32) : value));
  }
  return json::Value(json::Object{{"sha256", std::move(values)}});
}

}  // namespace assay::simulate
