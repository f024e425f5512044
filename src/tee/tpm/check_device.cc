// IAK and IDevID: the maker of a device vouches for the attestation key of the TPM in it.
#include "base/encoding.h"
#include "crypto/der.h"
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/identity.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kDevIdClause =
    "TCG TPM 2.0 Keys for Device Identity and Attestation, certificate fields";

// otherName [0] of GeneralName; its value [0] EXPLICIT (RFC 5280 section 4.2.1.6).
constexpr std::uint8_t kTagged0 = 0xA0;

Result<std::optional<Bytes>> ModuleNameIn(DerReader& names) {
  std::optional<Bytes> out;
  while (!names.done()) {
    const std::uint8_t tag = names.next_tag();
    const View name = TRY(names.Take(tag));
    if (tag != kTagged0) continue;
    DerReader other(name, "otherName");
    if (TRY(other.TakeOid()) != "1.3.6.1.5.5.7.8.4") continue;
    DerReader value = TRY(other.Enter(kTagged0));
    const View module = TRY(value.Take(DerReader::kSequence));
    DerReader fields(module, "HardwareModuleName");
    TRY(fields.TakeOid());
    const View serial = TRY(fields.Take(DerReader::kOctetString));
    if (out || serial.empty() || !fields.done() || !value.done() || !other.done()) {
      return Fail(ErrorCode::kMalformed, "subjectAltName: expected one HardwareModuleName");
    }
    out = ToBytes(module);
  }
  return out;
}

void CheckSameDevice(const DeviceIdentity& device, Trace& trace) {
  const auto iak = HardwareModuleName(*device.iak.front());
  const auto idevid = HardwareModuleName(*device.idevid.front());
  const auto said = [](const std::optional<Bytes>& name) {
    return name ? HexEncode(*name) : std::string("none");
  };
  trace.Expect(iak && iak == idevid, "idevid.device",
               "the hardwareModuleName of the IAK's certificate: " + said(iak), said(idevid),
               "RFC 4108 section 5; TCG TPM 2.0 Keys for Device Identity and Attestation");
}

}  // namespace

std::optional<Bytes> HardwareModuleName(const Certificate& certificate) {
  const auto content = certificate.Extension("2.5.29.17");
  if (!content) return std::nullopt;
  DerReader outer(*content, "subjectAltName");
  auto names = outer.Enter(DerReader::kSequence);
  if (!names || !outer.done()) return std::nullopt;
  return ModuleNameIn(*names).value_or(std::nullopt);
}

void CheckDeviceIdentity(const DeviceIdentity& device, const VerifyInput& input, Trace& trace) {
  const Certificate& leaf = *device.iak.front();
  trace.Expect(leaf.key().SpkiDigest() == device.ak.key.SpkiDigest(), "iak.certificate",
               "a certificate of the attestation key",
               "SPKI SHA-256 " + HexEncode(leaf.key().SpkiDigest()), kDevIdClause);
  trace.Expect(!leaf.is_ca(), "iak.usage", "not a CA", leaf.is_ca() ? "a CA" : "not a CA",
               kDevIdClause);
  CheckCertificatePath(device.iak, input.roots.tpm_vendors, kIakPath, input, trace);
  const bool present = !device.idevid.empty();
  trace.Expect(present, "idevid.present", "the certificate of the device's identity (IDevID)",
               present ? "there" : "none", kDevIdClause);
  if (!present) return;
  const bool ca = device.idevid.front()->is_ca();
  trace.Expect(!ca, "idevid.usage", "not a CA", ca ? "a CA" : "not a CA", kDevIdClause);
  CheckCertificatePath(device.idevid, input.roots.tpm_vendors, kIdevidPath, input, trace);
  CheckSameDevice(device, trace);
}

}  // namespace assay::tpm
