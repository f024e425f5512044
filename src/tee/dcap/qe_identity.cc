#include "tee/dcap/qe_identity.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kWhere = "enclaveIdentity";

// MISCSELECT is written as the hexadecimal form of a big-endian number.
Result<std::uint32_t> ParseMiscSelect(const json::Value& body, std::string_view key) {
  std::uint32_t value = 0;
  for (const std::byte b : TRY(ParseHexMember(body, key, 4, kWhere))) {
    value = (value << 8U) | ToU8(b);
  }
  return value;
}

}  // namespace

Result<QeIdentity> ParseQeIdentity(const json::Value& body) {
  QeIdentity out;
  out.version = TRY(ParseBoundedInt(body, "version", 2, kWhere));
  out.id = out.version >= 2 ? TRY(body.String("id", kWhere)) : "QE";
  out.issue_date = TRY(ParseTimeMember(body, "issueDate", kWhere));
  out.next_update = TRY(ParseTimeMember(body, "nextUpdate", kWhere));
  out.misc_select = TRY(ParseMiscSelect(body, "miscselect"));
  out.misc_select_mask = TRY(ParseMiscSelect(body, "miscselectMask"));
  out.attributes = TRY(ParseHexMember(body, "attributes", 16, kWhere));
  out.attributes_mask = TRY(ParseHexMember(body, "attributesMask", 16, kWhere));
  out.mr_signer = TRY(ParseHexMember(body, "mrsigner", 32, kWhere));
  out.isv_prod_id =
      static_cast<std::uint16_t>(TRY(ParseBoundedInt(body, "isvprodid", 0xFFFF, kWhere)));
  if (out.version >= 2) {
    out.evaluation_data_number =
        TRY(ParseBoundedInt(body, "tcbEvaluationDataNumber", 0x7FFFFFFF, kWhere));
    out.levels = TRY(ParseIsvLevels(body, kWhere));
  } else {
    // Version 1 knows one SVN, up to date or not at all.
    IsvLevel only;
    only.isv_svn = static_cast<std::uint16_t>(TRY(ParseBoundedInt(body, "isvsvn", 0xFFFF, kWhere)));
    only.result.status = TcbStatus::kUpToDate;
    out.levels.push_back(only);
  }
  return out;
}

}  // namespace assay::dcap
