#include "base/reader.h"

#include <fmt/format.h>

namespace assay {

Result<View> Reader::Take(std::size_t count, std::string_view field) {
  if (count > remaining()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: needs {} bytes for {} at offset {}, {} left", what_, count, field,
                            offset(), remaining()),
                "the input is truncated or a length field in it is wrong");
  }
  const View out = data_.subspan(position_, count);
  position_ += count;
  return out;
}

template <typename T, bool kBigEndian>
Result<T> Reader::Integer(std::string_view field) {
  const View bytes = TRY(Take(sizeof(T), field));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = (value << 8U) | ToU8(bytes[kBigEndian ? i : sizeof(T) - 1 - i]);
  }
  return static_cast<T>(value);
}

Result<std::uint8_t> Reader::U8(std::string_view field) {
  return Integer<std::uint8_t, false>(field);
}
Result<std::uint16_t> Reader::U16Le(std::string_view field) {
  return Integer<std::uint16_t, false>(field);
}
Result<std::uint32_t> Reader::U32Le(std::string_view field) {
  return Integer<std::uint32_t, false>(field);
}
Result<std::uint64_t> Reader::U64Le(std::string_view field) {
  return Integer<std::uint64_t, false>(field);
}
Result<std::uint16_t> Reader::U16Be(std::string_view field) {
  return Integer<std::uint16_t, true>(field);
}
Result<std::uint32_t> Reader::U32Be(std::string_view field) {
  return Integer<std::uint32_t, true>(field);
}
Result<std::uint64_t> Reader::U64Be(std::string_view field) {
  return Integer<std::uint64_t, true>(field);
}

Result<void> Reader::ExpectEnd() const {
  if (remaining() == 0) return {};
  return Fail(ErrorCode::kMalformed,
              fmt::format("{}: expected its end at offset {}, found {} more bytes", what_, offset(),
                          remaining()));
}

}  // namespace assay
