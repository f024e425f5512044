#include "simulate/der_writer.h"

#include <sstream>

namespace assay::simulate {
namespace {

std::byte ToByte(std::uint32_t value) { return static_cast<std::byte>(value & 0xFFU); }

// Base 128, all octets but the last with bit 8 (X.690 §8.19.2).
void AppendArc(Bytes& out, std::uint32_t arc) {
  Bytes reversed = {ToByte(arc & 0x7FU)};
  for (arc >>= 7U; arc > 0; arc >>= 7U) reversed.push_back(ToByte((arc & 0x7FU) | 0x80U));
  out.insert(out.end(), reversed.rbegin(), reversed.rend());
}

}  // namespace

Bytes DerElement(std::uint8_t tag, View content) {
  Bytes out = {ToByte(tag)};
  const auto size = static_cast<std::uint32_t>(content.size());
  if (size > 0xFF) {
    out.insert(out.end(), {ToByte(0x82), ToByte(size >> 8U), ToByte(size)});
  } else if (size > 0x7F) {
    out.insert(out.end(), {ToByte(0x81), ToByte(size)});
  } else {
    out.push_back(ToByte(size));
  }
  Append(out, content);
  return out;
}

Bytes DerSequence(std::initializer_list<Bytes> members) {
  Bytes content;
  for (const Bytes& member : members) Append(content, member);
  return DerElement(0x30, content);
}

Bytes DerInteger(std::uint32_t value) {
  Bytes reversed = {ToByte(value)};
  for (value >>= 8U; value > 0; value >>= 8U) reversed.push_back(ToByte(value));
  // DER integers are signed: a leading zero keeps them positive.
  if ((reversed.back() & std::byte{0x80}) != std::byte{0}) reversed.push_back(std::byte{0});
  return DerElement(0x02, Bytes(reversed.rbegin(), reversed.rend()));
}

Bytes DerOid(const std::string& dotted) {
  std::istringstream in(dotted);
  std::uint32_t first = 0;
  std::uint32_t arc = 0;
  char dot = 0;
  in >> first >> dot >> arc;
  Bytes content;
  AppendArc(content, first * 40 + arc);
  while (in >> dot >> arc) AppendArc(content, arc);
  return DerElement(0x06, content);
}

}  // namespace assay::simulate
