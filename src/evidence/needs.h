// What evidence needs from its vendor to be verified, as the evidence itself says: nothing here is
// proven. Scheme::needs makes it, collateral/ finds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace assay {

// TCB info, identity of the quoting enclave and two revocation lists (Intel PCS API v4).
struct IntelNeed {
  std::string fmspc;  // 12 lower-case hexadecimal digits, from the PCK certificate
  std::string ca;     // the PCK certificate's issuer: "processor" or "platform"
  bool tdx = false;

  bool operator==(const IntelNeed&) const = default;
};

// Security patch levels: the parts of REPORTED_TCB that name a VCEK (AMD 57230).
struct AmdSpls {
  std::uint8_t boot_loader = 0, tee = 0, snp = 0, microcode = 0;
  std::optional<std::uint8_t> fmc;  // Turin only

  bool operator==(const AmdSpls&) const = default;
};

// The VCEK, AMD's chain above it and its revocation list (AMD 57230).
struct AmdNeed {
  // One when the report says which (version 3 and later, by CPUID); else those it may be, in the
  // order in which they are to be tried.
  std::vector<std::string> products;  // "Milan", "Genoa", "Turin"
  Bytes chip_id;                      // 64 bytes as in the report; Turin uses the first 8
  AmdSpls spls;
  bool vlek = false;      // signed by a VLEK: the host delivers it, AMD gives it to nobody else
  bool has_leaf = false;  // the VCEK came with the evidence

  bool operator==(const AmdNeed&) const = default;
};

// Nothing: the evidence does not say whose it is; its checks tell why.
using CollateralNeeds = std::variant<std::monostate, IntelNeed, AmdNeed>;

// One text for each need, for caches.
std::string KeyOf(const CollateralNeeds& needs);
// "fmc01-bl04-tee00-snp24-ucode219"
std::string SplsText(const AmdSpls& spls);

}  // namespace assay
