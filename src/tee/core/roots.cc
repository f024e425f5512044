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
      .tpm =
          {
              // Azure Virtual TPM Root Certificate Authority 2023
              Pin("5cbc52672ae101263c2976736044a964c1182ce9412c39937183baddcccb8cdf"),
              // Google Cloud EK/AK CA Root, and the signers under its predecessor
              Pin("56a613f57126a385dd6949294e93b0b566f96ab0573be0c2368e6f5ca779831f"),
              Pin("ea74a128fd274552c4f5904cb3c830cbf3d99035a2ac7bab7ce9d59f5997b12f"),
              Pin("407ae79abb34c19a272509aa2fc73455161857f712d6ee9e4dc24fd9dff0acca"),
          },
  };
  return roots;
}

}  // namespace assay
