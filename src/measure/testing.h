// Images and stores that tests make up: the least that their parsers take.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "measure/expected_event.h"
#include "measure/uefi_variables.h"

namespace assay::measure::testing {

inline const Banks kBanks = {HashAlgorithm::kSha256};

inline void Le(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
  }
}

inline void Put(Bytes& out, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out[at + i] = static_cast<std::byte>(value >> (8 * i));
}

// Where the headers of MakePe stand.
inline constexpr std::size_t kPeHeader = 0x40, kChecksum = kPeHeader + 24 + 64,
                             kCertificateEntry = kPeHeader + 24 + 112 + 32,
                             kSectionTable = kPeHeader + 24 + 112 + 48, kHeadersSize = 0x400;

// A PE32+ image with six data directories, whose sections follow each other from 0x400, padded to
// 16 bytes.
inline Bytes MakePe(const std::vector<std::pair<std::string, std::string>>& sections) {
  Bytes out(kHeadersSize);
  Put(out, 0, 0x5A4D, 2);
  Put(out, 0x3C, kPeHeader, 4);
  Put(out, kPeHeader, 0x4550, 4);
  Put(out, kPeHeader + 4, 0x8664, 2);
  Put(out, kPeHeader + 6, sections.size(), 2);
  Put(out, kPeHeader + 20, 112 + 48, 2);
  Put(out, kPeHeader + 24, 0x20B, 2);
  Put(out, kPeHeader + 24 + 60, kHeadersSize, 4);
  Put(out, kPeHeader + 24 + 108, 6, 4);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto& [name, content] = sections[i];
    const std::size_t at = kSectionTable + 40 * i;
    const std::size_t raw_size = (content.size() + 15) / 16 * 16;
    for (std::size_t c = 0; c < name.size(); ++c) out[at + c] = static_cast<std::byte>(name[c]);
    Put(out, at + 8, content.size(), 4);
    Put(out, at + 16, raw_size, 4);
    Put(out, at + 20, out.size(), 4);
    Append(out, AsBytes(content));
    out.insert(out.end(), raw_size - content.size(), std::byte{0});
  }
  return out;
}

// The image with a certificate table of one entry behind it.
inline Bytes WithCertificate(Bytes image, View certificate, std::uint16_t type = 2) {
  const std::size_t padding = (8 - certificate.size() % 8) % 8;
  Put(image, kCertificateEntry, image.size(), 4);
  Put(image, kCertificateEntry + 4, 8 + certificate.size() + padding, 4);
  Le(image, 8 + certificate.size(), 4);
  Le(image, 0x200, 2);
  Le(image, type, 2);
  Append(image, certificate);
  image.insert(image.end(), padding, std::byte{0});
  return image;
}

inline Bytes LeNumber(std::uint64_t value, std::size_t size) {
  Bytes out;
  Le(out, value, size);
  return out;
}

inline void AppendOvmfEntry(Bytes& table, const tcg::Guid& guid, View content) {
  Append(table, content);
  Le(table, content.size() + 18, 2);
  Append(table, guid);
}

// Where the footer of the table of an image of that size stands.
constexpr std::size_t OvmfFooter(std::size_t image_size) { return image_size - 32 - 18; }

// An image of zeros whose table at the end holds these entries, the first one first.
inline Bytes MakeOvmfImage(std::size_t size,
                           const std::vector<std::pair<tcg::Guid, Bytes>>& entries) {
  Bytes table;
  for (const auto& [guid, content] : entries) AppendOvmfEntry(table, guid, content);
  Le(table, table.size() + 18, 2);
  Append(table, tcg::MakeGuid(0x96b582de, 0x1fb2, 0x45f7,
                              {0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d}));
  Bytes out(size);
  std::copy(table.begin(), table.end(), out.end() - 32 - static_cast<std::ptrdiff_t>(table.size()));
  return out;
}

struct Stored {
  tcg::Guid vendor{};
  std::string name;
  Bytes data;
  std::uint8_t state = 0x3F;
};

// A volume of 8 KiB with an authenticated variable store.
inline Bytes MakeStore(const std::vector<Stored>& variables) {
  constexpr std::size_t kVolume = 8192, kHeader = 72;
  Bytes out(16);
  Append(out, tcg::MakeGuid(0xfff12b8d, 0x7696, 0x4c8b,
                            {0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50}));
  Le(out, kVolume, 8);
  Append(out, AsBytes("_FVH"));
  Le(out, 0x4FEFF, 4);
  Le(out, kHeader, 2);
  out.resize(kHeader);
  std::uint16_t sum = 0;
  for (std::size_t i = 0; i < kHeader; i += 2) {
    sum = static_cast<std::uint16_t>(sum + ToU8(out[i]) + (ToU8(out[i + 1]) << 8U));
  }
  Put(out, 50, static_cast<std::uint16_t>(-sum), 2);
  Append(out, tcg::MakeGuid(0xaaf32c78, 0x947b, 0x439a,
                            {0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92}));
  Le(out, kVolume - kHeader, 4);
  Le(out, 0xFE5A, 2);
  out.resize(kHeader + 28);
  for (const Stored& variable : variables) {
    Le(out, 0x55AA, 2);
    Le(out, variable.state, 2);
    out.resize(out.size() + 4 + 8 + 16 + 4);
    Le(out, 2 * variable.name.size() + 2, 4);
    Le(out, variable.data.size(), 4);
    Append(out, variable.vendor);
    for (const char c : variable.name + '\0') Le(out, static_cast<unsigned char>(c), 2);
    Append(out, variable.data);
    while (out.size() % 4 != 0) out.push_back(std::byte{0xFF});
  }
  out.resize(kVolume, std::byte{0xFF});
  return out;
}

}  // namespace assay::measure::testing
