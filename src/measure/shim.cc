#include "measure/shim.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reader.h"

namespace assay::measure {
namespace {

Result<View> SectionOf(const PeImage& shim, std::string_view name) {
  const PeSection* const section = shim.Section(name);
  if (section == nullptr) {
    return Fail(ErrorCode::kMissing, fmt::format("shim: it has no section {}", name),
                "is this shim, and recent? Else learn PCR 7 from a log: --learn LOG --learn-pcr 7");
  }
  return section->content;
}

Result<View> Slice(View section, std::uint32_t offset, std::uint32_t size, std::string_view what) {
  Reader in(section, what);
  TRY(in.Take(offset, what));
  return in.Take(size, what);
}

// "sbat,1,2025021800": ten digits that grow with time.
Result<std::string_view> DateOf(std::string_view level) {
  constexpr std::string_view kStart = "sbat,1,";
  const std::string_view date = level.substr(std::min(kStart.size(), level.size()), 10);
  if (level.substr(0, kStart.size()) != kStart || date.size() != 10 ||
      !std::all_of(date.begin(), date.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("SBAT level: expected \"sbat,1,\" and a date, found \"{}\"",
                            level.substr(0, 20)));
  }
  return date;
}

}  // namespace

// struct { u32 authorized_size, deauthorized_size, authorized_offset, deauthorized_offset }, the
// offsets from the start of the structure.
Result<View> VendorCertificate(const PeImage& shim) {
  const View section = TRY(SectionOf(shim, ".vendor_cert"));
  Reader table(section, "shim's .vendor_cert");
  const std::uint32_t size = TRY(table.U32Le("vendor_authorized_size"));
  TRY(table.U32Le("vendor_deauthorized_size"));
  const std::uint32_t offset = TRY(table.U32Le("vendor_authorized_offset"));
  const View certificate = TRY(Slice(section, offset, size, "vendor certificate"));
  // A signature list starts with a GUID, a certificate is a SEQUENCE.
  if (certificate.empty() || certificate[0] != std::byte{0x30}) {
    return Fail(ErrorCode::kUnsupported,
                "shim: .vendor_cert holds no single certificate, but a list or nothing",
                "learn PCR 7 from a log of this shim (--learn LOG --learn-pcr 7)");
  }
  return certificate;
}

// u32 version, then u32 automatic, u32 latest: offsets from the end of the version to texts that
// end with NUL.
Result<std::string> AutomaticSbatLevel(const PeImage& shim) {
  const View section = TRY(SectionOf(shim, ".sbatlevel"));
  Reader table(section, "shim's .sbatlevel");
  const std::uint32_t version = TRY(table.U32Le("version"));
  if (version != 0) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("shim: .sbatlevel has version {}, expected 0", version));
  }
  Reader text(table.rest(), "shim's .sbatlevel", 4);
  const std::uint32_t offset = TRY(table.U32Le("automatic"));
  TRY(text.Take(offset, "automatic level"));
  const std::string_view level = AsText(text.rest());
  const std::size_t end = level.find('\0');
  if (end == std::string_view::npos) {
    return Fail(ErrorCode::kMalformed, "shim: its SBAT level does not end");
  }
  TRY(DateOf(level.substr(0, end)));
  return std::string(level.substr(0, end));
}

Result<std::string> SbatLevelAfter(std::string_view stored, std::string_view automatic) {
  const std::string_view ours = TRY(DateOf(automatic));
  if (stored.empty()) return std::string(automatic);
  const std::string_view theirs = TRY(DateOf(stored));
  return std::string(theirs >= ours ? stored : automatic);
}

}  // namespace assay::measure
