#include "real_tpm/machine.h"

#include "base/encoding.h"
#include "base/json.h"
#include "simulate/der_writer.h"

namespace assay::testing {
namespace {

using simulate::DerElement;
using simulate::DerOid;
using simulate::DerSequence;

std::string HexOf(std::uint32_t attributes) {
  Bytes out;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out.push_back(static_cast<std::byte>(attributes >> (shift - 8) & 0xFFU));
  }
  return HexEncode(out);
}

CertificateSpec Spec(std::string name, bool is_ca = false) {
  CertificateSpec out;
  out.common_name = std::move(name);
  out.not_before = kNow - std::chrono::hours(24);
  out.not_after = kNow + std::chrono::hours(24);
  out.is_ca = is_ca;
  return out;
}

}  // namespace

Bytes StorageTemplate(std::uint32_t attributes) {
  return HexDecode("0023000b" + HexOf(attributes) +
                   "0000"
                   "000600800043"
                   "0010"
                   "0003"
                   "0010"
                   "0000"
                   "0000")
      .value();
}

Bytes SigningTemplate(std::uint32_t attributes) {
  return HexDecode("0023000b" + HexOf(attributes) +
                   "0000"
                   "0010"
                   "0018000b"
                   "0003"
                   "0010"
                   "0000"
                   "0000")
      .value();
}

Maker Maker::Make() {
  const VendorKey key = VendorKey::Generate(VendorKeyType::kP256).value();
  const CertificatePtr root =
      BuildCertificate(Spec("Maker of TPMs", true), key, key, nullptr).value();
  return {key, root};
}

CertificatePtr Maker::Certify(const TpmObject& object, const CertificateSpec& spec) const {
  const tpm::PublicArea area = tpm::ParsePublicArea(object.public_area).value();
  return BuildCertificate(spec, area.key, key, root.get()).value();
}

Collateral Maker::CollateralWith(std::vector<CertificatePtr> revoked) const {
  const CrlSpec spec{kNow - std::chrono::hours(1), kNow + std::chrono::hours(1),
                     std::move(revoked)};
  Collateral out;
  out.certificates = {root};
  out.crls = {Crl::FromDer(BuildCrl(spec, *root, key).value()).value()};
  return out;
}

CertificateSpec EkSpec() {
  CertificateSpec out = Spec("Endorsement key");
  out.extensions = {{"2.5.29.37", DerSequence({DerOid("2.23.133.8.1")})}};
  return out;
}

CertificateSpec DeviceSpec(std::string_view serial) {
  CertificateSpec out = Spec("Device");
  const Bytes module = DerSequence({DerOid("2.23.133.1.2"), DerElement(0x04, AsBytes(serial))});
  Bytes other = DerOid("1.3.6.1.5.5.7.8.4");
  Append(other, DerElement(0xA0, module));
  out.extensions = {{"2.5.29.17", DerSequence({DerElement(0xA0, other)})}};
  return out;
}

Bytes Evidence(const TpmObject& ak, const TpmInProcess::SignedQuote& quote) {
  json::Object values;
  for (int pcr = 0; pcr < 15; ++pcr) {
    values.emplace_back(std::to_string(pcr), std::string(64, '0'));
  }
  const json::Value document(json::Object{
      {"assay-evidence", "tpm/1"},
      {"ak", Base64UrlEncode(ak.public_area)},
      {"quotes", json::Array{json::Object{{"message", Base64UrlEncode(quote.message)},
                                          {"signature", Base64UrlEncode(quote.signature)}}}},
      {"pcrs", json::Object{{"sha256", std::move(values)}}}});
  return ToBytes(AsBytes(json::Write(document)));
}

}  // namespace assay::testing
