#include "base/encoding.h"

#include <fmt/format.h>

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

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Encode64(View bytes, std::string_view alphabet) {
  std::string out((bytes.size() * 8 + 5) / 6, '\0');
  char* next = out.data();
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const std::byte b : bytes) {
    buffer = (buffer << 8U) | ToU8(b);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      *next++ = alphabet[(buffer >> bits) & 0x3FU];
    }
  }
  if (bits > 0) *next++ = alphabet[(buffer << (6 - bits)) & 0x3FU];
  return out;
}

tl::unexpected<Error> NotOfAlphabet(std::string_view kind, std::string_view text, std::size_t at) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("{}: character 0x{:02x} at position {} is not of its alphabet", kind,
                          static_cast<unsigned char>(text[at]), at));
}

Result<Bytes> Decode64(std::string_view text, const DecodeTable& table, std::string_view kind) {
  if (text.size() % 4 == 1) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("{}: {} characters cannot be a whole number of bytes", kind, text.size()));
  }
  Bytes out(text.size() * 6 / 8);
  auto next = out.begin();
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = table[static_cast<unsigned char>(text[i])];
    if (value < 0) return NotOfAlphabet(kind, text, i);
    buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *next++ = static_cast<std::byte>((buffer >> bits) & 0xFFU);
    }
  }
  if ((buffer & ((1U << bits) - 1U)) != 0) {
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
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("hex: a character at position {} is not a hexadecimal digit", i));
    }
    out.push_back(static_cast<std::byte>(high * 16 + low));
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
