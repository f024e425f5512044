#include "measure/pe_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::measure {
namespace {

constexpr std::size_t kSectionHeader = 40;
constexpr std::size_t kCertificateDirectory = 4;  // index in the data directories
constexpr std::uint16_t kPe32 = 0x10B, kPe32Plus = 0x20B;
constexpr std::uint16_t kPkcsSignedData = 2;
constexpr std::size_t kLongestName = 64;  // those seen have 12

tl::unexpected<Error> MalformedImage(std::string text) {
  return Fail(
      ErrorCode::kMalformed, "PE image: " + std::move(text),
      "is this an EFI application (shim, GRUB, a kernel, a UKI), whole and not compressed?");
}

bool Within(View file, std::size_t offset, std::size_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

// "IMAGE_DOS_HEADER": only the signature and e_lfanew at 0x3C mean anything to EFI.
Result<std::size_t> PeHeaderOffset(View file) {
  Reader dos(file, "PE image");
  const View magic = TRY(dos.Take(2, "DOS signature"));
  if (AsText(magic) != "MZ") return MalformedImage("expected \"MZ\" at offset 0");
  TRY(dos.Take(0x3A, "DOS header"));
  const std::uint32_t offset = TRY(dos.U32Le("e_lfanew"));
  if (offset >= file.size()) {
    return MalformedImage(
        fmt::format("its header at {} is beyond the {} bytes", offset, file.size()));
  }
  return offset;
}

}  // namespace

Result<PeImage::Layout> PeImage::ReadHeaders(View file) {
  const std::size_t start = TRY(PeHeaderOffset(file));
  Reader in(file.subspan(start), "PE image", start);
  if (AsText(TRY(in.Take(4, "PE signature"))) != std::string_view("PE\0\0", 4)) {
    return MalformedImage(fmt::format("expected \"PE\" at offset {}", start));
  }
  Layout out;
  TRY(in.U16Le("Machine"));
  out.section_count = TRY(in.U16Le("NumberOfSections"));
  TRY(in.U32Le("TimeDateStamp"));
  const std::uint64_t symbols = TRY(in.U32Le("PointerToSymbolTable"));
  const std::uint64_t symbol_count = TRY(in.U32Le("NumberOfSymbols"));
  constexpr std::uint64_t kSymbol = 18;  // "COFF Symbol Table"; the strings stand behind it
  if (symbols > 0) out.strings = static_cast<std::size_t>(symbols + kSymbol * symbol_count);
  const std::uint16_t optional_size = TRY(in.U16Le("SizeOfOptionalHeader"));
  TRY(in.U16Le("Characteristics"));

  const std::size_t optional = in.offset();
  Reader header(TRY(in.Take(optional_size, "optional header")), "PE optional header", optional);
  const std::uint16_t magic = TRY(header.U16Le("Magic"));
  if (magic != kPe32 && magic != kPe32Plus) {
    return MalformedImage(fmt::format("optional header of type 0x{:x}", magic));
  }
  TRY(header.Take(58, "optional header"));
  out.headers_size = TRY(header.U32Le("SizeOfHeaders"));
  out.checksum = header.offset();
  TRY(header.U32Le("CheckSum"));
  TRY(header.Take(magic == kPe32 ? 24 : 40, "optional header"));
  const std::uint32_t directories = TRY(header.U32Le("NumberOfRvaAndSizes"));
  if (directories > kCertificateDirectory) {
    TRY(header.Take(8 * kCertificateDirectory, "data directories"));
    out.certificate_entry = header.offset();
    out.certificates = TRY(header.U32Le("certificate table"));
    out.certificates_size = TRY(header.U32Le("certificate table size"));
  }
  out.section_table = in.offset();
  return out;
}

// "Section Table": at most 8 characters, or "/" and the decimal offset in the string table.
Result<std::string> PeImage::NameOf(View field) const {
  const std::string_view padded = AsText(field);
  const std::string_view name = padded.substr(0, padded.find('\0'));
  std::size_t offset = 0;
  const char* const end = name.data() + name.size();
  if (name.size() < 2 || name[0] != '/' || layout_.strings == 0 ||
      std::from_chars(name.data() + 1, end, offset).ptr != end) {
    return std::string(name);
  }
  if (!Within(file_, layout_.strings, offset))
    return MalformedImage("a section's name is beyond it");
  const std::string_view table = AsText(file_.subspan(layout_.strings + offset));
  const std::string_view text = table.substr(0, table.find('\0'));
  if (text.size() > kLongestName) return MalformedImage("a section's name does not end");
  return std::string(text);
}

Result<void> PeImage::ReadSections() {
  if (layout_.section_count > limits::kPeSections) {
    return MalformedImage(
        fmt::format("{} sections, at most {}", layout_.section_count, limits::kPeSections));
  }
  Reader table(file_.subspan(layout_.section_table), "PE section table", layout_.section_table);
  for (std::size_t i = 0; i < layout_.section_count; ++i) {
    const std::string name = TRY(NameOf(TRY(table.Take(8, "Name"))));
    const std::uint32_t virtual_size = TRY(table.U32Le("VirtualSize"));
    TRY(table.U32Le("VirtualAddress"));
    const std::uint32_t raw_size = TRY(table.U32Le("SizeOfRawData"));
    const std::uint32_t raw = TRY(table.U32Le("PointerToRawData"));
    TRY(table.Take(16, "section header"));
    PeSection section;
    section.name = name;
    if (raw_size > 0) {
      if (!Within(file_, raw, raw_size)) {
        return MalformedImage(fmt::format("section {} is {} bytes at {}, the file has {}",
                                          section.name, raw_size, raw, file_.size()));
      }
      section.raw = file_.subspan(raw, raw_size);
      section.content = section.raw.first(std::min<std::size_t>(raw_size, virtual_size));
    }
    sections_.push_back(section);
  }
  return {};
}

// Parts that overlap would be hashed twice, and a file of a megabyte could cost a hundred.
Result<void> PeImage::CheckOrder() const {
  if (layout_.headers_size < layout_.section_table + kSectionHeader * layout_.section_count ||
      layout_.headers_size > file_.size()) {
    return MalformedImage(fmt::format("SizeOfHeaders is {}", layout_.headers_size));
  }
  std::vector<std::pair<std::size_t, std::size_t>> parts = {{0, layout_.headers_size}};
  for (const PeSection& section : sections_) {
    if (section.raw.empty()) continue;
    parts.emplace_back(static_cast<std::size_t>(section.raw.data() - file_.data()),
                       section.raw.size());
  }
  if (layout_.certificates_size > 0) {
    if (!Within(file_, layout_.certificates, layout_.certificates_size)) {
      return MalformedImage("the certificate table reaches beyond the file");
    }
    parts.emplace_back(layout_.certificates, layout_.certificates_size);
  }
  std::sort(parts.begin(), parts.end());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i - 1].first + parts[i - 1].second > parts[i].first) {
      return MalformedImage(fmt::format("two of its parts overlap at offset {}", parts[i].first));
    }
  }
  return {};
}

// "The Attribute Certificate Table": entries of WIN_CERTIFICATE, each padded to 8 bytes.
Result<void> PeImage::ReadSignatures() {
  if (layout_.certificates_size == 0) return {};
  Reader in(file_.subspan(layout_.certificates, layout_.certificates_size), "certificate table",
            layout_.certificates);
  while (in.remaining() >= 8) {
    const std::uint32_t length = TRY(in.U32Le("dwLength"));
    TRY(in.U16Le("wRevision"));
    const std::uint16_t type = TRY(in.U16Le("wCertificateType"));
    if (length < 8 || length - 8 > in.remaining()) {
      return MalformedImage(
          fmt::format("a certificate of {} bytes, {} left", length, in.remaining()));
    }
    if (signatures_.size() == limits::kPeSignatures) return MalformedImage("too many signatures");
    const View data = TRY(in.Take(length - 8, "bCertificate"));
    if (type == kPkcsSignedData) signatures_.push_back(data);
    TRY(in.Take(std::min<std::size_t>((8 - length % 8) % 8, in.remaining()), "padding"));
  }
  return {};
}

Result<PeImage> PeImage::Parse(View file) {
  PeImage out;
  out.file_ = file;
  out.layout_ = TRY(ReadHeaders(file));
  TRY_VOID(out.ReadSections());
  TRY_VOID(out.CheckOrder());
  TRY_VOID(out.ReadSignatures());
  return out;
}

const PeSection* PeImage::Section(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const PeSection& s) { return s.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

// "Calculating the PE Image Hash", steps 1 to 14 of the Authenticode specification.
Bytes PeImage::AuthenticodeInput() const {
  Bytes out;
  const auto take = [&](std::size_t from, std::size_t to) {
    Append(out, file_.subspan(from, to - from));
  };
  take(0, layout_.checksum);
  const std::size_t behind_checksum = layout_.checksum + 4;
  if (layout_.certificate_entry == 0) {
    take(behind_checksum, layout_.headers_size);
  } else {
    take(behind_checksum, layout_.certificate_entry);
    take(layout_.certificate_entry + 8, layout_.headers_size);
  }
  std::vector<View> bodies;
  for (const PeSection& section : sections_) {
    if (!section.raw.empty()) bodies.push_back(section.raw);
  }
  std::sort(bodies.begin(), bodies.end(), [](View a, View b) { return a.data() < b.data(); });
  std::size_t hashed = layout_.headers_size;
  for (const View body : bodies) {
    Append(out, body);
    hashed += body.size();
  }
  // What stands behind the sections, but the certificates. The specification counts from the sum
  // of the sizes, as if there were no gaps, and firmware does the same.
  const std::size_t end = file_.size() - layout_.certificates_size;
  if (end > hashed) take(hashed, end);
  return out;
}

}  // namespace assay::measure
