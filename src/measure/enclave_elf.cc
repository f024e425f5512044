#include "measure/enclave_elf.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/reader.h"
#include "measure/sigstruct.h"

namespace assay::measure {
namespace {

constexpr std::string_view kElfMagic =
    "\x7F"
    "ELF";
constexpr std::size_t kSectionHeaderBytes = 64;

tl::unexpected<Error> MalformedEnclave(std::string text) {
  return Fail(ErrorCode::kMalformed, "enclave: " + std::move(text),
              "give a signed enclave for x86-64: enclave.signed.so, enclave.signed");
}

struct ElfSection {
  std::uint32_t name = 0;  // its offset in the section of names
  View content;
};

class ElfImage {
 public:
  static Result<ElfImage> Parse(View file) {
    ElfImage out;
    out.file_ = file;
    Reader in(file, "ELF header");
    if (AsText(TRY(in.Take(4, "magic"))) != kElfMagic) return MalformedEnclave("it is no ELF file");
    const std::uint16_t format = TRY(in.U16Le("class and data"));
    TRY(in.Take(10, "rest of e_ident"));
    TRY(in.U16Le("e_type"));
    const std::uint16_t machine = TRY(in.U16Le("e_machine"));
    if (format != 0x0102 || machine != 62) return MalformedEnclave("expected ELF-64 for x86-64");
    TRY(in.Take(4 + 8 + 8, "e_version, e_entry, e_phoff"));
    const std::uint64_t at = TRY(in.U64Le("e_shoff"));
    TRY(in.Take(4 + 2 + 2 + 2, "e_flags, e_ehsize, e_phentsize, e_phnum"));
    const std::uint16_t entry_size = TRY(in.U16Le("e_shentsize"));
    out.count_ = TRY(in.U16Le("e_shnum"));
    const std::uint16_t names = TRY(in.U16Le("e_shstrndx"));
    if (entry_size != kSectionHeaderBytes || names >= out.count_) {
      return MalformedEnclave("it has no table of sections: was it stripped?");
    }
    out.headers_ = TRY(out.Range(at, kSectionHeaderBytes * out.count_, "table of sections"));
    out.names_ = TRY(out.SectionAt(names)).content;
    return out;
  }

  // The first of that name, as the loaders take it.
  Result<std::optional<View>> Section(std::string_view name) const {
    const std::string with_nul = std::string(name) + '\0';
    for (std::size_t i = 0; i < count_; ++i) {
      const std::uint32_t at = TRY(NameOffset(i));
      if (at < names_.size() && AsText(names_.subspan(at)).substr(0, with_nul.size()) == with_nul) {
        return TRY(SectionAt(i)).content;
      }
    }
    return std::nullopt;
  }

 private:
  Result<View> Range(std::uint64_t at, std::uint64_t size, std::string_view what) const {
    if (at > file_.size() || size > file_.size() - at) {
      return MalformedEnclave(fmt::format("its {} reaches beyond the file", what));
    }
    return file_.subspan(at, size);
  }

  Result<std::uint32_t> NameOffset(std::size_t index) const {
    return Reader(headers_.subspan(kSectionHeaderBytes * index, 4), "section").U32Le("sh_name");
  }

  Result<ElfSection> SectionAt(std::size_t index) const {
    Reader in(headers_.subspan(kSectionHeaderBytes * index, kSectionHeaderBytes), "section");
    ElfSection out;
    out.name = TRY(in.U32Le("sh_name"));
    TRY(in.Take(4 + 8 + 8, "sh_type, sh_flags, sh_addr"));
    const std::uint64_t at = TRY(in.U64Le("sh_offset"));
    const std::uint64_t size = TRY(in.U64Le("sh_size"));
    out.content = TRY(Range(at, size, "section"));
    return out;
  }

  View file_, headers_, names_;
  std::size_t count_ = 0;
};

// One block of Intel's metadata; empty behind the last.
Result<View> MetadataBlock(View rest) {
  constexpr std::uint64_t kMagic = 0x86A80294635D0E4C;
  Reader in(rest, "SGX metadata");
  if (rest.size() < 20 || TRY(in.U64Le("magic")) != kMagic) return View();
  TRY(in.U64Le("version"));
  const std::uint32_t size = TRY(in.U32Le("size"));
  if (size == 0) return View();
  if (size > rest.size()) return MalformedEnclave("its SGX metadata is cut");
  return rest.first(size);
}

Result<View> InIntelNote(View note) {
  constexpr std::string_view kName("sgx_metadata\0", 13);
  constexpr std::size_t kSigstructAt = 64;  // in each block
  Reader in(note, ".note.sgxmeta");
  const std::uint32_t name_size = TRY(in.U32Le("namesz"));
  const std::uint32_t size = TRY(in.U32Le("descsz"));
  TRY(in.U32Le("type"));
  if (name_size != kName.size() || AsText(TRY(in.Take(name_size, "name"))) != kName) {
    return MalformedEnclave(".note.sgxmeta is not named sgx_metadata");
  }
  View rest = TRY(in.Take(size, "metadata"));
  View found;
  for (View block = TRY(MetadataBlock(rest)); !block.empty(); block = TRY(MetadataBlock(rest))) {
    rest = rest.subspan(block.size());
    Reader fields(block, "SGX metadata");
    TRY(fields.Take(kSigstructAt, "fields before the SIGSTRUCT"));
    const View one = TRY(fields.Take(kSigstructBytes, "SIGSTRUCT"));
    if (!found.empty() && !Equal(found, one)) {
      return MalformedEnclave("its blocks of SGX metadata hold different signatures");
    }
    found = one;
  }
  if (found.empty()) return MalformedEnclave(".note.sgxmeta holds no SGX metadata");
  return found;
}

// Versions of Open Enclave put it at other offsets, always a multiple of 8.
Result<View> InOpenEnclaveInfo(View info) {
  constexpr std::size_t kHeader2At = 24;
  constexpr ByteArray<8> kStart = {std::byte{6}, {}, {}, {}, std::byte{0xE1}, {}, {}, {}};
  constexpr ByteArray<8> kStart2 = {std::byte{1},    std::byte{1}, {}, {},
                                    std::byte{0x60}, {},           {}, {}};
  View found;
  for (std::size_t at = 0; at + kSigstructBytes <= info.size(); at += 8) {
    const View one = info.subspan(at, kSigstructBytes);
    if (!Equal(one.first(8), kStart) || !Equal(one.subspan(kHeader2At, 8), kStart2)) continue;
    if (!found.empty()) return MalformedEnclave(".oeinfo holds two signatures");
    found = one;
  }
  if (found.empty()) {
    return MalformedEnclave(".oeinfo holds no signature: sign the enclave with oesign");
  }
  return found;
}

}  // namespace

bool LooksLikeElf(View file) {
  return file.size() >= kElfMagic.size() && AsText(file.first(kElfMagic.size())) == kElfMagic;
}

Result<View> SigstructInElf(View file) {
  const ElfImage image = TRY(ElfImage::Parse(file));
  const std::optional<View> note = TRY(image.Section(".note.sgxmeta"));
  const std::optional<View> info = TRY(image.Section(".oeinfo"));
  if (note && info) return MalformedEnclave("it has metadata of two SDKs");
  if (note) return InIntelNote(*note);
  if (info) return InOpenEnclaveInfo(*info);
  return MalformedEnclave("it has neither .note.sgxmeta (Intel's SDK) nor .oeinfo (Open Enclave)");
}

}  // namespace assay::measure
