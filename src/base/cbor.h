// CBOR in its deterministic form (RFC 8949 §4.2.1), read without a tree and so without recursion.
//
// A parser asks for each item in its turn, as its specification lists them, and ends with
// ExpectEnd(). Every value has one encoding: a longer head than needed, an indefinite length, a
// float or a simple value other than null is an error. A parser of a map asks for the keys it knows
// in the order of their bytes, which is the order they have to have.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/reader.h"
#include "base/result.h"

namespace assay {

class CborReader {
 public:
  // `what` names the structure in errors and must outlive the reader.
  explicit CborReader(View data, std::string_view what) : reader_(data, what), what_(what) {}

  Result<std::uint64_t> Unsigned(std::string_view field);
  // The whole range that int64 holds.
  Result<std::int64_t> Integer(std::string_view field);
  Result<View> ByteString(std::string_view field, std::size_t most);
  // UTF-8 (RFC 8949 §5.3.1 has it that text which is not is invalid).
  Result<std::string_view> Text(std::string_view field, std::size_t most);
  // How many items follow.
  Result<std::size_t> Array(std::string_view field, std::size_t most);
  Result<void> ArrayOf(std::string_view field, std::size_t count);
  Result<std::size_t> Map(std::string_view field, std::size_t most);
  Result<void> Tag(std::string_view field, std::uint64_t tag);
  Result<void> Null(std::string_view field);
  // Takes null if it is there.
  Result<bool> TakeNull();
  Result<void> ExpectEnd() const { return reader_.ExpectEnd(); }

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint64_t argument = 0;
  };
  Result<Head> ReadHead(std::string_view field);
  Result<std::uint64_t> Argument(std::uint8_t major, std::string_view kind, std::string_view field);
  Result<std::size_t> Bounded(std::uint64_t count, std::size_t most, std::string_view field) const;
  tl::unexpected<Error> Wrong(std::string_view field, std::string_view expected) const;

  Reader reader_;
  std::string_view what_;
};

// The caller writes as many items as it has announced, and keys of maps in the order of their
// bytes.
class CborWriter {
 public:
  CborWriter& Unsigned(std::uint64_t value);
  CborWriter& Integer(std::int64_t value);
  CborWriter& ByteString(View value);
  CborWriter& Text(std::string_view value);
  CborWriter& Array(std::size_t count);
  CborWriter& Map(std::size_t count);
  CborWriter& Tag(std::uint64_t tag);
  CborWriter& Null();
  Bytes Take() { return std::move(out_); }

 private:
  CborWriter& Head(unsigned major, std::uint64_t argument);
  Bytes out_;
};

}  // namespace assay
