#include "agent/machine_keys.h"

#include <fmt/format.h>

#include "agent/key_templates.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

// EK Credential Profile 2.5, section 2.2.1: chain certificates, spread over what indices it
// takes.
constexpr std::uint32_t kEkChainFirst = 0x01C00100;
constexpr std::uint32_t kEkChainLast = 0x01C001FF;

Result<Sha256Digest> KeyDigestOf(const TpmKey& key) {
  return TRY(tpm::ParsePublicArea(key.public_area())).key.SpkiDigest();
}

// The key at the usual handle, if it is the one in the certificate; else the one that the template
// gives. A handle is only a convention: others may have put another key there.
Result<TpmKey> OpenByTemplate(Tpm& tpm, const EkTemplate& form, const CertificatePtr& certificate) {
  if (TRY(tpm.HasHandle(form.persistent_handle))) {
    TpmKey key = TRY(TpmKey::Persistent(tpm, form.persistent_handle));
    if (!certificate || TRY(KeyDigestOf(key)) == certificate->key().SpkiDigest()) return key;
  }
  TpmKey key = TRY(TpmKey::CreatePrimary(tpm, form.area));
  if (certificate && TRY(KeyDigestOf(key)) != certificate->key().SpkiDigest()) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("TPM: the EK certificate at NV index 0x{:08x} is for another key than "
                            "the one of {}",
                            form.certificate_index, form.name),
                "the manufacturer used a template of its own; make that key persistent at the "
                "usual handle");
  }
  return key;
}

// Index after index, as one run: a certificate may go on in the next index.
Result<std::vector<Bytes>> ReadEkChain(Tpm& tpm) {
  Bytes run;
  for (const std::uint32_t index : TRY(tpm.Handles(kEkChainFirst, limits::kEkChainIndices))) {
    if (index > kEkChainLast) break;
    if (const auto part = TRY(tpm.ReadNv(index))) Append(run, *part);
  }
  return SplitCertificates(run);
}

std::optional<std::string> MachineOf(const tpm::PublicArea& area) {
  constexpr std::size_t kAlgorithmBytes = 2, kShown = 32;
  const std::string name = HexEncode(View(area.Name()).subspan(kAlgorithmBytes));
  if (name.size() < kShown) return std::nullopt;
  return name.substr(0, kShown);
}

}  // namespace

std::vector<Bytes> SplitCertificates(View content) {
  std::vector<Bytes> out;
  while (out.size() < limits::kCertificatesInChain) {
    DerReader reader(content, "certificate");
    if (!reader.Take(DerReader::kSequence)) break;
    const std::size_t size = content.size() - reader.remaining();
    out.push_back(ToBytes(content.first(size)));
    content = content.subspan(size);
  }
  return out;
}

Result<std::vector<Bytes>> CertificatesAt(Tpm& tpm, std::uint32_t index) {
  const auto content = TRY(tpm.ReadNv(index));
  if (!content) {
    return Fail(ErrorCode::kMissing, fmt::format("TPM: there is no NV index 0x{:08x}", index),
                "tpm2_getcap handles-nv-index lists those there are");
  }
  std::vector<Bytes> out = SplitCertificates(*content);
  if (out.empty()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("TPM: NV index 0x{:08x} holds no DER certificate", index));
  }
  return out;
}

Result<AttestationKey> OpenAttestationKey(Tpm& tpm, const KeyOptions& options) {
  TpmKey key = options.ak_handle ? TRY(TpmKey::Persistent(tpm, *options.ak_handle))
                                 : TRY(TpmKey::CreatePrimary(tpm, AttestationKeyTemplate()));
  const tpm::PublicArea area = TRY(tpm::ParsePublicArea(key.public_area()));
  const auto machine = MachineOf(area);
  if (!machine)
    return Fail(ErrorCode::kUnsupported, "TPM: the attestation key's name is too short");
  std::vector<Bytes> certificates;
  if (options.ak_certificate_index) {
    certificates = TRY(CertificatesAt(tpm, *options.ak_certificate_index));
    const auto leaf = TRY(Certificate::FromDer(certificates.front()));
    if (leaf->key().SpkiDigest() != area.key.SpkiDigest()) {
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("TPM: the certificate at NV index 0x{:08x} is for another key than the "
                      "attestation key",
                      *options.ak_certificate_index),
          "--ak-handle and --ak-cert-nv must belong together");
    }
  }
  return AttestationKey{std::move(key), std::move(certificates), *machine};
}

Result<EndorsementKey> OpenEndorsementKey(Tpm& tpm) {
  for (const EkTemplate& form : {EkRsa2048(), EkEccP256(), EkEccP384()}) {
    if (!TRY(tpm.HasHandle(form.certificate_index))) continue;
    std::vector<Bytes> certificates = TRY(CertificatesAt(tpm, form.certificate_index));
    const auto leaf = TRY(Certificate::FromDer(certificates.front()));
    TpmKey key = TRY(OpenByTemplate(tpm, form, leaf));
    for (Bytes& one : TRY(ReadEkChain(tpm))) {
      if (certificates.size() < limits::kCertificatesInChain)
        certificates.push_back(std::move(one));
    }
    return EndorsementKey{std::move(key), std::move(certificates)};
  }
  return EndorsementKey{TRY(OpenByTemplate(tpm, EkRsa2048(), nullptr)), {}};
}

}  // namespace assay::agent
