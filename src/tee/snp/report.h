// ATTESTATION_REPORT, the 1184 bytes that the AMD secure processor signs.
//
// Clause: AMD 56860 "SEV-SNP Firmware ABI", Table 23.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/trace.h"
#include "tee/snp/tcb.h"

namespace assay::snp {

inline constexpr std::size_t kReportBytes = 1184;
// The response buffer of the guest request is one page less its headers: a report may come with the
// zero bytes behind it, up to this size.
inline constexpr std::size_t kPaddedReportBytes = 4000;
inline constexpr std::size_t kSignedBytes = 0x2A0;
inline constexpr std::uint32_t kOldestVersion = 2;
inline constexpr std::uint32_t kNewestVersion = 5;
inline constexpr std::uint32_t kEcdsaP384Sha384 = 1;
inline constexpr std::uint64_t kPolicyReservedOne = 1ULL << 17U;

enum class ReportKey : std::uint8_t { kVcek = 0, kVlek = 1, kNone = 7 };

struct FirmwareVersion {
  std::uint8_t build = 0, minor = 0, major = 0;
};

struct Report {
  std::uint32_t version = 0;
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0;
  ByteArray<16> family_id{}, image_id{};
  std::uint32_t vmpl = 0;
  std::uint32_t signature_algorithm = 0;
  TcbVersion current_tcb{};
  std::uint64_t platform_info = 0;
  std::uint32_t key_flags = 0;
  ByteArray<64> report_data{};
  ByteArray<48> measurement{};
  ByteArray<32> host_data{};
  ByteArray<48> id_key_digest{}, author_key_digest{};
  ByteArray<32> report_id{}, report_id_ma{};
  TcbVersion reported_tcb{};
  std::uint8_t cpuid_family = 0, cpuid_model = 0, cpuid_stepping = 0;  // version 3 and later
  ByteArray<64> chip_id{};
  TcbVersion committed_tcb{};
  FirmwareVersion current_firmware, committed_firmware;
  TcbVersion launch_tcb{};
  std::uint64_t launch_mit_vector = 0, current_mit_vector = 0;  // version 5
  ByteArray<72> signature_r{}, signature_s{};                   // little-endian

  ByteArray<kSignedBytes> signed_bytes{};
  // The first field that is reserved in this version and yet not zero; empty if there is none.
  std::string_view reserved_not_zero;
  ByteRange reserved_where;

  bool smt_allowed() const { return (policy >> 16U & 1U) != 0; }
  bool migration_allowed() const { return (policy >> 18U & 1U) != 0; }
  bool debug() const { return (policy >> 19U & 1U) != 0; }
  bool single_socket() const { return (policy >> 20U & 1U) != 0; }
  bool author_key_enabled() const { return (key_flags & 1U) != 0; }
  bool chip_key_masked() const { return (key_flags >> 1U & 1U) != 0; }
  ReportKey signing_key() const { return static_cast<ReportKey>(key_flags >> 2U & 7U); }
  bool has_cpuid() const { return version >= 3; }
  bool has_mit_vectors() const { return version >= 5; }
};

std::string_view ReportKeyName(ReportKey key);  // "VCEK", "VLEK", "none" or "reserved"

// Exactly one report, or one report followed by nothing but zero bytes.
Result<Report> ParseReport(View bytes);

}  // namespace assay::snp
