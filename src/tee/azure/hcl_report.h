// What the paravisor of an Azure confidential VM hands out at NV index 0x01400001: the hardware's
// report and the runtime data it was asked to bind, with the vTPM's keys.
//
// Source: Microsoft, "Guest attestation for confidential VMs", HCL report; versions 1 and 2 are in
// use. Integers are little-endian.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "tee/tcg/hash_algorithm.h"

namespace assay::azure {

enum class HardwareKind : std::uint32_t { kSnp = 2, kTdx = 4 };

struct HclReport {
  std::uint32_t version = 0;
  HardwareKind kind = HardwareKind::kSnp;
  View hardware_report;  // SNP: the 1184 bytes of the report; TDX: the TDREPORT, 1024 bytes
  tcg::HashAlgorithm hash = tcg::HashAlgorithm::kSha256;
  View runtime_data;  // the JSON, exactly as it was hashed
};

// The buffer behind the JSON is padded with zeros, and only with those.
Result<HclReport> ParseHclReport(View bytes);

// The JSON of the runtime data.
struct RuntimeData {
  json::Value document;
  PublicKey ak;                  // "HCLAkPub"
  json::Value vm_configuration;  // an object
  Bytes user_data;               // 64 bytes that the guest chose; empty in old versions
};
Result<RuntimeData> ParseRuntimeData(View text);

}  // namespace assay::azure
