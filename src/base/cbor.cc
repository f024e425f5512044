#include "base/cbor.h"

#include <fmt/format.h>

#include <limits>

#include "base/utf8.h"

namespace assay {
namespace {

// Major types (RFC 8949 §3.1).
constexpr std::uint8_t kUnsigned = 0;
constexpr std::uint8_t kNegative = 1;
constexpr std::uint8_t kByteString = 2;
constexpr std::uint8_t kText = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kMap = 5;
constexpr std::uint8_t kTag = 6;
constexpr std::byte kNull{0xF6};

}  // namespace

tl::unexpected<Error> CborReader::Wrong(std::string_view field, std::string_view expected) const {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}: expected {} before offset {}", what_,
                                                 field, expected, reader_.offset()));
}

Result<CborReader::Head> CborReader::ReadHead(std::string_view field) {
  const std::uint8_t first = TRY(reader_.U8(field));
  Head out;
  out.major = first >> 5U;
  const unsigned info = first & 0x1FU;
  std::uint64_t least = 0;  // smaller arguments have a shorter head
  switch (info) {
    case 24: out.argument = TRY(reader_.U8(field)), least = 24; break;
    case 25: out.argument = TRY(reader_.U16Be(field)), least = 0x100; break;
    case 26: out.argument = TRY(reader_.U32Be(field)), least = 0x10000; break;
    case 27: out.argument = TRY(reader_.U64Be(field)), least = 0x100000000; break;
    default:
      if (info > 27) return Wrong(field, "a definite length");
      out.argument = info;
  }
  if (out.argument < least) return Wrong(field, "the shortest encoding");
  return out;
}

Result<std::uint64_t> CborReader::Argument(std::uint8_t major, std::string_view kind,
                                           std::string_view field) {
  const Head head = TRY(ReadHead(field));
  if (head.major != major) return Wrong(field, kind);
  return head.argument;
}

Result<std::size_t> CborReader::Bounded(std::uint64_t count, std::size_t most,
                                        std::string_view field) const {
  if (count <= most) return static_cast<std::size_t>(count);
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}: its size is {}, at most {} are accepted",
                                                 what_, field, count, most));
}

Result<std::uint64_t> CborReader::Unsigned(std::string_view field) {
  return Argument(kUnsigned, "an unsigned integer", field);
}

Result<std::int64_t> CborReader::Integer(std::string_view field) {
  const Head head = TRY(ReadHead(field));
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (head.major > kNegative || head.argument > most) {
    return Wrong(field, "an integer of 64 bits");
  }
  const auto value = static_cast<std::int64_t>(head.argument);
  return head.major == kNegative ? -1 - value : value;
}

Result<View> CborReader::ByteString(std::string_view field, std::size_t most) {
  const std::uint64_t size = TRY(Argument(kByteString, "a byte string", field));
  return reader_.Take(TRY(Bounded(size, most, field)), field);
}

Result<std::string_view> CborReader::Text(std::string_view field, std::size_t most) {
  const std::uint64_t size = TRY(Argument(kText, "text", field));
  const View bytes = TRY(reader_.Take(TRY(Bounded(size, most, field)), field));
  if (!IsUtf8(AsText(bytes))) return Wrong(field, "UTF-8");
  return AsText(bytes);
}

Result<std::size_t> CborReader::Array(std::string_view field, std::size_t most) {
  return Bounded(TRY(Argument(kArray, "an array", field)), most, field);
}

Result<void> CborReader::ArrayOf(std::string_view field, std::size_t count) {
  const std::uint64_t found = TRY(Argument(kArray, "an array", field));
  if (found != count) return Wrong(field, fmt::format("{} items, found {},", count, found));
  return {};
}

Result<std::size_t> CborReader::Map(std::string_view field, std::size_t most) {
  return Bounded(TRY(Argument(kMap, "a map", field)), most, field);
}

Result<void> CborReader::Tag(std::string_view field, std::uint64_t tag) {
  const std::uint64_t found = TRY(Argument(kTag, "a tag", field));
  if (found != tag) return Wrong(field, fmt::format("tag {}, found {},", tag, found));
  return {};
}

Result<void> CborReader::Null(std::string_view field) {
  if (!TRY(TakeNull())) return Wrong(field, "null");
  return {};
}

Result<bool> CborReader::TakeNull() {
  const View rest = reader_.rest();
  if (rest.empty() || rest[0] != kNull) return false;
  TRY_VOID(reader_.Take(1, "null").map([](View) {}));
  return true;
}

CborWriter& CborWriter::Head(unsigned major, std::uint64_t argument) {
  unsigned bytes = 0;
  unsigned info = static_cast<unsigned>(argument);
  if (argument >= 24) {
    const bool wide = argument > 0xFFFFFFFFU;
    bytes = wide ? 8 : argument > 0xFFFFU ? 4 : argument > 0xFFU ? 2 : 1;
    info = wide ? 27 : argument > 0xFFFFU ? 26 : argument > 0xFFU ? 25 : 24;
  }
  out_.push_back(static_cast<std::byte>((major << 5U) | info));
  while (bytes-- > 0) out_.push_back(static_cast<std::byte>((argument >> (8 * bytes)) & 0xFFU));
  return *this;
}

CborWriter& CborWriter::Unsigned(std::uint64_t value) { return Head(kUnsigned, value); }

CborWriter& CborWriter::Integer(std::int64_t value) {
  return value < 0 ? Head(kNegative, static_cast<std::uint64_t>(-1 - value))
                   : Head(kUnsigned, static_cast<std::uint64_t>(value));
}

CborWriter& CborWriter::ByteString(View value) {
  Head(kByteString, value.size());
  Append(out_, value);
  return *this;
}

CborWriter& CborWriter::Text(std::string_view value) {
  Head(kText, value.size());
  Append(out_, AsBytes(value));
  return *this;
}

CborWriter& CborWriter::Array(std::size_t count) { return Head(kArray, count); }
CborWriter& CborWriter::Map(std::size_t count) { return Head(kMap, count); }
CborWriter& CborWriter::Tag(std::uint64_t tag) { return Head(kTag, tag); }

CborWriter& CborWriter::Null() {
  out_.push_back(kNull);
  return *this;
}

}  // namespace assay
