#include "crypto/der.h"

#include <fmt/format.h>

namespace assay {
namespace {

tl::unexpected<Error> MalformedDer(std::string_view what, std::string_view why) {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: DER: {}", what, why));
}

}  // namespace

Result<View> DerReader::Take(std::uint8_t tag) {
  if (rest_.size() < 2) return MalformedDer(what_, "ends where an element was expected");
  if (ToU8(rest_[0]) != tag) {
    return MalformedDer(what_,
                        fmt::format("expected tag 0x{:02x}, found 0x{:02x}", tag, ToU8(rest_[0])));
  }
  std::size_t length = ToU8(rest_[1]);
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7FU;
    if (count == 0 || count > 3 || rest_.size() < 2 + count)
      return MalformedDer(what_, "bad length");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8U) | ToU8(rest_[2 + i]);
    header += count;
  }
  if (length > rest_.size() - header) return MalformedDer(what_, "an element passes the end");
  const View content = rest_.subspan(header, length);
  rest_ = rest_.subspan(header + length);
  return content;
}

Result<DerReader> DerReader::Enter(std::uint8_t tag) { return DerReader(TRY(Take(tag)), what_); }

Result<std::uint32_t> DerReader::TakeSmallInteger() {
  const View content = TRY(Take(kInteger));
  if (content.empty() || content.size() > 4 || (ToU8(content[0]) & 0x80U) != 0) {
    return MalformedDer(what_, "expected a small non-negative integer");
  }
  std::uint32_t value = 0;
  for (const std::byte b : content) value = (value << 8U) | ToU8(b);
  return value;
}

Result<std::string> DerReader::TakeOid() {
  const View content = TRY(Take(kOid));
  if (content.empty() || (ToU8(content.back()) & 0x80U) != 0) return MalformedDer(what_, "bad OID");
  std::string out;
  std::uint64_t arc = 0;
  for (const std::byte b : content) {
    if (arc >> 50U != 0) return MalformedDer(what_, "OID arc too large");
    arc = (arc << 7U) | (ToU8(b) & 0x7FU);
    if ((ToU8(b) & 0x80U) != 0) continue;
    if (out.empty()) {
      const std::uint64_t first = arc < 80 ? arc / 40 : 2;
      out = fmt::format("{}.{}", first, arc - first * 40);
    } else {
      out += fmt::format(".{}", arc);
    }
    arc = 0;
  }
  return out;
}

}  // namespace assay
