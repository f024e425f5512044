#include "tee/core/roots.h"

#include <string_view>

namespace assay {
namespace {

constexpr std::byte Nibble(char c) {
  return static_cast<std::byte>(c <= '9' ? c - '0' : c - 'a' + 10);
}

consteval Sha256Digest Pin(std::string_view hex) {
  Sha256Digest out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = Nibble(hex[2 * i]) << 4 | Nibble(hex[2 * i + 1]);
  }
  return out;
}

}  // namespace

const TrustedRoots& DefaultRoots() {
  static const TrustedRoots roots = {
      .intel =
          {
              // Intel SGX Root CA, the root of SGX and TDX
              Pin("a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e"),
          },
      .amd =
          {
              // ARK-Milan, ARK-Genoa (also Bergamo and Siena), ARK-Turin
              Pin("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"),
              Pin("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"),
              Pin("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"),
          },
  };
  return roots;
}

}  // namespace assay
