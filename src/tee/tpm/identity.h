// Who is this TPM? Its endorsement key, or the initial identities of the device around it.
//
// Sources: TCG EK Credential Profile for TPM Family 2.0 (templates L and H, certificate fields);
// TCG TPM 2.0 Keys for Device Identity and Attestation (IAK, IDevID); RFC 4108 section 5
// (hardwareModuleName).
#pragma once

#include <optional>
#include <vector>

#include "tee/core/scheme.h"
#include "tee/tpm/structures.h"

namespace assay::tpm {

// A storage key that only decrypts what is made for its TPM (ek.attributes), and one that
// MakeCredential can encrypt for (ek.parameters).
void CheckEndorsementKey(const PublicArea& ek, Trace& trace);
// `certificates` is not empty, leaf first: of that key, for that purpose, from a maker of TPMs.
void CheckEndorsementCertificate(const PublicArea& ek,
                                 const std::vector<CertificatePtr>& certificates,
                                 const VerifyInput& input, Trace& trace);

struct DeviceIdentity {
  const PublicArea& ak;                       // that is to be the IAK
  const std::vector<CertificatePtr>& iak;     // not empty, leaf first
  const std::vector<CertificatePtr>& idevid;  // leaf first; empty fails idevid.present
};
void CheckDeviceIdentity(const DeviceIdentity& device, const VerifyInput& input, Trace& trace);

// The DER content of the HardwareModuleName in subjectAltName: the type of the device and its
// serial number. Nothing if there is none, more than one, or it is malformed.
std::optional<Bytes> HardwareModuleName(const Certificate& certificate);

}  // namespace assay::tpm
