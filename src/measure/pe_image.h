// PE/COFF images: what UEFI firmware loads, and the digest by which it knows them.
//
// Source: Microsoft's "PE Format" (headers, section table, attribute certificate table) and
// "Windows Authenticode Portable Executable Signature Format" (the digest).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::measure {

struct PeSection {
  std::string name;  // of any length: GNU's linker puts long ones into the COFF string table
  View content;  // VirtualSize bytes, or what the file holds of them: the rest is zeros in memory
  View raw;      // SizeOfRawData bytes, padding included
};

class PeImage {
 public:
  // `file` must outlive the image. Sections that overlap or reach beyond the file are refused.
  static Result<PeImage> Parse(View file);

  const std::vector<PeSection>& sections() const { return sections_; }
  // The first section of that name, as loaders take it; null if there is none.
  const PeSection* Section(std::string_view name) const;

  // The PKCS #7 SignedData of each signature (WIN_CERT_TYPE_PKCS_SIGNED_DATA), in file order.
  const std::vector<View>& signatures() const { return signatures_; }

  // The bytes whose digest is the image's Authenticode digest, in any algorithm: all but the
  // checksum, the certificate table and its directory entry.
  Bytes AuthenticodeInput() const;

 private:
  // What the headers say of themselves: file offsets and sizes.
  struct Layout {
    std::size_t checksum = 0;
    std::size_t certificate_entry = 0;  // 0: the optional header is too short to have one
    std::size_t headers_size = 0;
    std::size_t certificates = 0, certificates_size = 0;
    std::size_t section_table = 0, section_count = 0;
    std::size_t strings = 0;  // the string table; 0: none
  };

  static Result<Layout> ReadHeaders(View file);
  Result<void> ReadSections();
  Result<std::string> NameOf(View field) const;
  Result<void> CheckOrder() const;
  Result<void> ReadSignatures();

  View file_;
  Layout layout_;
  std::vector<PeSection> sections_;
  std::vector<View> signatures_;
};

}  // namespace assay::measure
