#include "measure/ovmf_table.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace assay::measure {
namespace {

constexpr tcg::Guid kTableFooter =
    tcg::MakeGuid(0x96b582de, 0x1fb2, 0x45f7, {0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d});

constexpr std::size_t kFooterEnd = 32;  // bytes behind the table
constexpr std::size_t kEntryTail = 18;  // size, GUID: each entry ends with them

tl::unexpected<Error> MalformedTable(std::string text) {
  return Fail(ErrorCode::kMalformed, "OVMF: " + std::move(text),
              "give the image that the hypervisor loads below 4 GiB, as it is: OVMF.fd, "
              "OVMF.amdsev.fd, OVMF.inteltdx.fd");
}

// The last entry of `table`, which is read from its end.
Result<OvmfEntry> LastEntry(View table) {
  if (table.size() < kEntryTail) return MalformedTable("its table of entries is cut");
  Reader tail(table.last(kEntryTail), "OVMF table");
  const std::uint16_t size = TRY(tail.U16Le("entry size"));
  OvmfEntry out;
  out.guid = TRY(tail.Array<16>("entry GUID"));
  if (size < kEntryTail || size > table.size()) {
    return MalformedTable(
        fmt::format("an entry of {} bytes in its table, {} left", size, table.size()));
  }
  out.content = table.last(size).first(size - kEntryTail);
  return out;
}

}  // namespace

Result<std::vector<OvmfEntry>> ReadOvmfTable(View firmware) {
  if (firmware.size() < kFooterEnd + kEntryTail) return MalformedTable("it is too short");
  // The footer's own size counts the whole table, itself included.
  const OvmfEntry footer = TRY(LastEntry(firmware.first(firmware.size() - kFooterEnd)));
  if (footer.guid != kTableFooter) return MalformedTable("it has no table of entries at its end");
  std::vector<OvmfEntry> out;
  for (View rest = footer.content; !rest.empty();) {
    out.push_back(TRY(LastEntry(rest)));
    rest = rest.first(rest.size() - out.back().content.size() - kEntryTail);
  }
  return out;
}

Result<std::uint32_t> NumberIn(const OvmfEntry& entry) {
  return Reader(entry.content, "OVMF table entry").U32Le("address or offset");
}

}  // namespace assay::measure
