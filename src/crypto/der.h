// Just enough DER (X.690) to read vendor extensions inside certificates: definite lengths, one-byte
// tags. Bounded by the input; nothing recurses.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

class DerReader {
 public:
  static constexpr std::uint8_t kInteger = 0x02;
  static constexpr std::uint8_t kOctetString = 0x04;
  static constexpr std::uint8_t kOid = 0x06;
  static constexpr std::uint8_t kEnumerated = 0x0A;
  static constexpr std::uint8_t kIa5String = 0x16;
  static constexpr std::uint8_t kSequence = 0x30;

  // `what` names the structure in errors and must outlive the reader.
  DerReader(View data, std::string_view what) : rest_(data), what_(what) {}

  bool done() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }  // bytes
  std::uint8_t next_tag() const { return rest_.empty() ? std::uint8_t{0} : ToU8(rest_[0]); }
  Result<View> Take(std::uint8_t tag);  // the content octets
  Result<DerReader> Enter(std::uint8_t tag);
  // A non-negative INTEGER below 2^31.
  Result<std::uint32_t> TakeSmallInteger();
  // Dotted decimal.
  Result<std::string> TakeOid();

 private:
  View rest_;
  std::string_view what_;
};

}  // namespace assay
