#include "adversary/quote_parts.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/certificate.h"

namespace assay::adversary {
namespace {

std::size_t OffsetIn(View whole, View part) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

void PutU32(Bytes& out, std::size_t offset, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[offset + i] = static_cast<std::byte>(value >> (8 * i));
}

std::string Pem(View der) {
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  const std::string base64 = Base64Encode(der);
  for (std::size_t i = 0; i < base64.size(); i += 64) out += base64.substr(i, 64) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace

std::string_view PartAt(const dcap::Quote& quote, View evidence, std::size_t offset) {
  const std::byte* at = evidence.data() + offset;
  const auto in = [&](View part) { return at >= part.data() && at < part.data() + part.size(); };
  if (in(quote.signed_region)) return "quote header and body";
  if (in(quote.signature)) return "quote signature";
  if (in(quote.attestation_key)) return "attestation key";
  if (in(quote.qe_report)) return "QE report";
  if (in(quote.qe_report_signature)) return "QE report signature";
  if (in(quote.qe_auth_data)) return "QE authentication data";
  if (in(quote.certification_data)) return "certificate chain in the quote, as text";
  if (in(quote.trailing)) return "behind the quote";
  return in(quote.whole) ? "types and lengths in the quote" : "wrapper around the quote";
}

std::vector<Bytes> ChainOf(const dcap::Quote& quote) {
  const std::string_view text = AsText(quote.certification_data);
  if (text.find("-----BEGIN") != std::string_view::npos) {
    return PemBlocks(text, "CERTIFICATE").value();
  }
  const auto certificates = CertificatesFromDerRun(quote.certification_data).value();
  std::vector<Bytes> out;
  for (const CertificatePtr& c : certificates) out.push_back(c->der());
  return out;
}

Bytes WithChain(const dcap::Quote& quote, const std::vector<Bytes>& chain) {
  std::string text;
  for (const Bytes& der : chain) text += Pem(der);
  text.push_back('\0');
  const View whole = quote.whole;
  const std::size_t start = OffsetIn(whole, quote.certification_data);
  Bytes out = ToBytes(whole.first(start));
  Append(out, AsBytes(text));
  PutU32(out, start - 4, text.size());
  const std::size_t signature_data = quote.signed_region.size() + 4;
  PutU32(out, signature_data - 4, out.size() - signature_data);
  if (quote.version >= 4) {
    const std::size_t outer = OffsetIn(whole, quote.qe_report);
    PutU32(out, outer - 4, out.size() - outer);
  }
  return out;
}

Bytes WithPart(const dcap::Quote& quote, View part, View replacement) {
  Bytes out = ToBytes(quote.whole);
  std::copy(replacement.begin(), replacement.end(),
            out.begin() + static_cast<std::ptrdiff_t>(OffsetIn(quote.whole, part)));
  return out;
}

}  // namespace assay::adversary
