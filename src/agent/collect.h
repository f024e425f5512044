// Evidence of this machine, now.
#pragma once

#include <filesystem>
#include <string>

#include "agent/evidence_document.h"
#include "agent/machine_keys.h"

namespace assay::agent {

struct LogPaths {
  std::filesystem::path event_log = "/sys/kernel/security/tpm0/binary_bios_measurements";
  std::filesystem::path ima_log = "/sys/kernel/security/ima/binary_runtime_measurements";
};

// What is proven besides the state of the machine.
struct Extras {
  const TpmKey* certify = nullptr;  // a key that the attestation key shall vouch for
  std::optional<Bytes> bind = {};   // data that the quote shall bind
};

// A quote of PCR 0 to 14 (SHA-256 bank) with `nonce`, the values it covers, and the logs, which are
// read after it: a list that is longer than the quote says can be cut to it, a shorter one cannot.
// A log that is not there is left out: the service says whether it can do without.
Result<Collected> CollectTpm(Tpm& tpm, const AttestationKey& ak, View nonce, const LogPaths& logs,
                             const Extras& extras = {});

// Where Azure's metadata service is; tests have one of their own.
struct MetadataService {
  std::string address = "169.254.169.254";
  std::uint16_t port = 80;
};

// Adds what makes it evidence of an Azure confidential VM: the HCL report of NV index 0x01400001,
// and for TDX the quote that Azure's metadata service makes of the TDREPORT in it.
Result<void> AddAzureReport(Tpm& tpm, const MetadataService& metadata, Collected& collected);

}  // namespace assay::agent
