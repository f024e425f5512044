#include "base/encoding.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using DecodeTable = std::array<std::int8_t, 256>;

constexpr DecodeTable MakeTable(std::string_view alphabet) {
  DecodeTable table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr DecodeTable kBase64Table = MakeTable(kBase64Alphabet);
constexpr DecodeTable kBase64UrlTable = MakeTable(kBase64UrlAlphabet);

constexpr DecodeTable kHexTable = [] {
  DecodeTable out = MakeTable("0123456789abcdef");
  for (std::size_t i = 0; i < 6; ++i) out['A' + i] = static_cast<std::int8_t>(10 + i);
  return out;
}();

// A whole group is three bytes in four characters: taken at once, it costs a quarter of bit by bit.
std::string Encode64(View bytes, std::string_view alphabet) {
  std::string out((bytes.size() * 8 + 5) / 6, '\0');
  char* next = out.data();
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
    const std::uint32_t group = (std::uint32_t{ToU8(bytes[0])} << 16U) |
                                (std::uint32_t{ToU8(bytes[1])} << 8U) | ToU8(bytes[2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) *next++ = alphabet[(group >> shift) & 0x3FU];
  }
  if (bytes.empty()) return out;
  const std::uint32_t second = bytes.size() == 2 ? ToU8(bytes[1]) : 0U;
  const std::uint32_t rest = (std::uint32_t{ToU8(bytes[0])} << 16U) | (second << 8U);
  for (unsigned shift = 18; next != out.data() + out.size(); shift -= 6) {
    *next++ = alphabet[(rest >> shift) & 0x3FU];
  }
  return out;
}

tl::unexpected<Error> NotOfAlphabet(std::string_view kind, std::string_view text, std::size_t at) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("{}: character 0x{:02x} at position {} is not of its alphabet", kind,
                          static_cast<unsigned char>(text[at]), at));
}

// The position of the first character that is not of the alphabet.
std::size_t FirstStranger(std::string_view text, const DecodeTable& table) {
  const auto stranger = std::find_if(text.begin(), text.end(), [&table](char c) {
    return table[static_cast<unsigned char>(c)] < 0;
  });
  return static_cast<std::size_t>(stranger - text.begin());
}

// Up to four characters as the high end of a 24-bit group; negative if one is not of the alphabet.
std::int32_t Group(std::string_view text, const DecodeTable& table) {
  std::int32_t group = 0;
  std::int32_t signs = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int32_t value =
        i < text.size() ? table[static_cast<unsigned char>(text[i])] : std::int8_t{0};
    signs |= value;
    group = group * 64 + (value & 0x3F);
  }
  return signs < 0 ? -1 : group;
}

Result<Bytes> Decode64(std::string_view text, const DecodeTable& table, std::string_view kind) {
  if (text.size() % 4 == 1) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("{}: {} characters cannot be a whole number of bytes", kind, text.size()));
  }
  Bytes out(text.size() * 6 / 8);
  std::size_t done = 0;
  std::int32_t group = 0;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    group = Group(text.substr(i, 4), table);
    if (group < 0) return NotOfAlphabet(kind, text, FirstStranger(text, table));
    for (unsigned shift = 24; shift > 0 && done < out.size(); ++done) {
      shift -= 8;
      out[done] = static_cast<std::byte>((group >> shift) & 0xFF);
    }
  }
  const unsigned unused = 8 * static_cast<unsigned>((3 - out.size() % 3) % 3);
  if ((group & ((1 << unused) - 1)) != 0) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: non-zero bits after the last byte", kind));
  }
  return out;
}

std::string_view WithoutPadding(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string HexEncode(View bytes) {
  std::string out(bytes.size() * 2, '0');
  char* next = out.data();
  for (const std::byte b : bytes) {
    *next++ = kHexDigits[ToU8(b) >> 4U];
    *next++ = kHexDigits[ToU8(b) & 0xFU];
  }
  return out;
}

Result<Bytes> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("hex: expected an even number of digits, found {}", text.size()));
  }
  Bytes out(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = kHexTable[static_cast<unsigned char>(text[i])];
    const int low = kHexTable[static_cast<unsigned char>(text[i + 1])];
    if (high < 0 || low < 0) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("hex: a character at position {} is not a hexadecimal digit", i));
    }
    out[i / 2] = static_cast<std::byte>(high * 16 + low);
  }
  return out;
}

std::string Base64Encode(View bytes) {
  std::string out = Encode64(bytes, kBase64Alphabet);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

Result<Bytes> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("base64: expected a multiple of 4 characters, found {}", text.size()));
  }
  return Decode64(WithoutPadding(text), kBase64Table, "base64");
}

std::string Base64UrlEncode(View bytes) { return Encode64(bytes, kBase64UrlAlphabet); }

Result<Bytes> Base64UrlDecode(std::string_view text) {
  return Decode64(WithoutPadding(text), kBase64UrlTable, "base64url");
}

}  // namespace assay
