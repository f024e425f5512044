#include "tee/snp/report.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace assay::snp {
namespace {

// Policy bits 63:25 and key flag bits 31:5 have no meaning yet.
constexpr unsigned kPolicyBits = 25;
constexpr unsigned kKeyFlagBits = 5;

void NoteReserved(Report& out, bool zero, std::string_view field, std::size_t offset,
                  std::size_t length) {
  if (zero || !out.reserved_not_zero.empty()) return;
  out.reserved_not_zero = field;
  out.reserved_where = {offset, length};
}

Result<void> SkipReserved(Reader& reader, Report& out, std::size_t length, std::string_view field) {
  const std::size_t offset = reader.offset();
  const View bytes = TRY(reader.Take(length, field));
  NoteReserved(out, IsZero(bytes), field, offset, length);
  return {};
}

Result<FirmwareVersion> ReadFirmware(Reader& reader, Report& out, std::string_view field) {
  FirmwareVersion version;
  version.build = TRY(reader.U8(field));
  version.minor = TRY(reader.U8(field));
  version.major = TRY(reader.U8(field));
  TRY_VOID(SkipReserved(reader, out, 1, "reserved byte behind a firmware version"));
  return version;
}

Result<void> ReadGuest(Reader& reader, Report& out) {
  out.guest_svn = TRY(reader.U32Le("GUEST_SVN"));
  out.policy = TRY(reader.U64Le("POLICY"));
  if ((out.policy & kPolicyReservedOne) == 0) {
    return Fail(ErrorCode::kMalformed, "SNP report: POLICY bit 17 must be 1, found 0",
                "these bytes are not an SEV-SNP attestation report");
  }
  NoteReserved(out, out.policy >> kPolicyBits == 0, "POLICY bits 63:25", 0x08, 8);
  out.family_id = TRY(reader.Array<16>("FAMILY_ID"));
  out.image_id = TRY(reader.Array<16>("IMAGE_ID"));
  out.vmpl = TRY(reader.U32Le("VMPL"));
  out.signature_algorithm = TRY(reader.U32Le("SIGNATURE_ALGO"));
  out.current_tcb = TRY(reader.Array<8>("CURRENT_TCB"));
  out.platform_info = TRY(reader.U64Le("PLATFORM_INFO"));
  out.key_flags = TRY(reader.U32Le("key flags"));
  NoteReserved(out, out.key_flags >> kKeyFlagBits == 0, "key flags bits 31:5", 0x48, 4);
  TRY_VOID(SkipReserved(reader, out, 4, "reserved 0x4C"));
  out.report_data = TRY(reader.Array<64>("REPORT_DATA"));
  out.measurement = TRY(reader.Array<48>("MEASUREMENT"));
  out.host_data = TRY(reader.Array<32>("HOST_DATA"));
  out.id_key_digest = TRY(reader.Array<48>("ID_KEY_DIGEST"));
  out.author_key_digest = TRY(reader.Array<48>("AUTHOR_KEY_DIGEST"));
  out.report_id = TRY(reader.Array<32>("REPORT_ID"));
  out.report_id_ma = TRY(reader.Array<32>("REPORT_ID_MA"));
  return {};
}

Result<void> ReadPlatform(Reader& reader, Report& out) {
  out.reported_tcb = TRY(reader.Array<8>("REPORTED_TCB"));
  if (out.has_cpuid()) {
    out.cpuid_family = TRY(reader.U8("CPUID_FAM_ID"));
    out.cpuid_model = TRY(reader.U8("CPUID_MOD_ID"));
    out.cpuid_stepping = TRY(reader.U8("CPUID_STEP"));
  } else {
    TRY_VOID(SkipReserved(reader, out, 3, "reserved 0x188"));
  }
  TRY_VOID(SkipReserved(reader, out, 21, "reserved 0x18B"));
  out.chip_id = TRY(reader.Array<64>("CHIP_ID"));
  out.committed_tcb = TRY(reader.Array<8>("COMMITTED_TCB"));
  out.current_firmware = TRY(ReadFirmware(reader, out, "current firmware version"));
  out.committed_firmware = TRY(ReadFirmware(reader, out, "committed firmware version"));
  out.launch_tcb = TRY(reader.Array<8>("LAUNCH_TCB"));
  if (out.has_mit_vectors()) {
    out.launch_mit_vector = TRY(reader.U64Le("LAUNCH_MIT_VECTOR"));
    out.current_mit_vector = TRY(reader.U64Le("CURRENT_MIT_VECTOR"));
  } else {
    TRY_VOID(SkipReserved(reader, out, 16, "reserved 0x1F8"));
  }
  return SkipReserved(reader, out, 152, "reserved 0x208");
}

Result<void> CheckPadding(View bytes) {
  if (bytes.size() <= kReportBytes) return {};
  if (bytes.size() > kPaddedReportBytes) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("SNP report: expected {} bytes, or up to {} with zero padding, found {}",
                    kReportBytes, kPaddedReportBytes, bytes.size()));
  }
  if (!IsZero(bytes.subspan(kReportBytes))) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("SNP report: {} bytes behind its end at offset {} are not all zero",
                            bytes.size() - kReportBytes, kReportBytes),
                "give the report alone; a certificate table is collateral");
  }
  return {};
}

}  // namespace

std::string_view ReportKeyName(ReportKey key) {
  switch (key) {
    case ReportKey::kVcek: return "VCEK";
    case ReportKey::kVlek: return "VLEK";
    case ReportKey::kNone: return "none";
  }
  return "reserved";  // the field has three bits; AMD names three of its values
}

Result<Report> ParseReport(View bytes) {
  TRY_VOID(CheckPadding(bytes));
  const View whole = bytes.first(std::min(bytes.size(), kReportBytes));
  Reader reader(whole, "SNP report");
  Report out;
  out.version = TRY(reader.U32Le("VERSION"));
  if (out.version < kOldestVersion || out.version > kNewestVersion) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("SNP report: expected version {} to {}, found {}", kOldestVersion,
                            kNewestVersion, out.version));
  }
  TRY_VOID(ReadGuest(reader, out));
  TRY_VOID(ReadPlatform(reader, out));
  out.signature_r = TRY(reader.Array<72>("signature R"));
  out.signature_s = TRY(reader.Array<72>("signature S"));
  TRY_VOID(SkipReserved(reader, out, 368, "reserved behind the signature"));
  TRY_VOID(reader.ExpectEnd());
  Reader again(whole, "SNP report");
  out.signed_bytes = TRY(again.Array<kSignedBytes>("signed bytes"));
  return out;
}

}  // namespace assay::snp
