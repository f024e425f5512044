// The one cursor through which untrusted bytes are read: every length is checked before use.
//
// A parser names each field as its specification does, so that a truncated structure is reported as
// "quote: needs 64 bytes for ISV signature at offset 436, 12 left". It ends with ExpectEnd().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

class Reader {
 public:
  // `what` names the structure in errors and must outlive the reader. `base` is the offset of
  // `data` in the whole evidence, so that errors point into what the user supplied.
  explicit Reader(View data, std::string_view what, std::size_t base = 0)
      : data_(data), what_(what), base_(base) {}

  Result<View> Take(std::size_t count, std::string_view field);
  Result<std::uint8_t> U8(std::string_view field);
  Result<std::uint16_t> U16Le(std::string_view field);
  Result<std::uint32_t> U32Le(std::string_view field);
  Result<std::uint64_t> U64Le(std::string_view field);
  Result<std::uint16_t> U16Be(std::string_view field);
  Result<std::uint32_t> U32Be(std::string_view field);
  Result<std::uint64_t> U64Be(std::string_view field);

  template <std::size_t N>
  Result<ByteArray<N>> Array(std::string_view field) {
    const View bytes = TRY(Take(N, field));
    ByteArray<N> out;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }

  Result<void> ExpectEnd() const;

  std::size_t offset() const { return base_ + position_; }
  std::size_t remaining() const { return data_.size() - position_; }
  View rest() const { return data_.subspan(position_); }

 private:
  template <typename T, bool kBigEndian>
  Result<T> Integer(std::string_view field);

  View data_;
  std::string_view what_;
  std::size_t base_;
  std::size_t position_ = 0;
};

}  // namespace assay
