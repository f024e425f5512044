// The types in which untrusted bytes travel.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

inline View AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string_view AsText(View bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes ToBytes(View view) { return {view.begin(), view.end()}; }

inline void Append(Bytes& out, View more) { out.insert(out.end(), more.begin(), more.end()); }

// For public data only; secrets are compared with SecretEqual (crypto/secret.h).
inline bool Equal(View a, View b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

inline bool IsZero(View bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

inline std::uint8_t ToU8(std::byte b) { return std::to_integer<std::uint8_t>(b); }

}  // namespace assay
