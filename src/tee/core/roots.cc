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
      // Read from the certificates in keylime's tpm_cert_store at github.com/keylime/keylime,
      // commit
      // 3a17fcc9 unless another is named; the signature of each that signs itself was checked.
      .tpm_vendors =
          {
              // Infineon OPTIGA(TM) ECC Root CA, until 2043-07-25
              Pin("ce5183a19d6fe79a6c1b058cfa700379f67d587a8afd0f51621e82d9f00c5a28"),
              // IFX TPM EK Root CA (under VeriSign), until 2030-10-24; commit 1b1dc77c
              Pin("ba4060c13257f1fab1191f8e7d3fb0bbc43915eb1fe4f89b35ab74acd9bb2681"),
              // GlobalSign Trusted Platform Module Root CA, above STM TPM EK Root CA, until
              // 2049-03-18
              Pin("0035d2297fe237a636800382cc2c9e205c6930f84b507ceec3608545d273960f"),
              // STM TPM ECC Root CA 01 (under GlobalSign), until 2038-01-19
              Pin("b9e2d0d69753c717df3f14464a6cda088f5d1fda07ffce506baa3288419366df"),
              // Nuvoton TPM Root CA 1111, until 2037-08-17; commit e0cfb6e3
              Pin("c871b0ba1182676eeed4c2469d3d5fa3cfa09daca77ea823a4b454cf00dee11e"),
              // Nuvoton TPM Root CA 2111, until 2037-09-07; commit 1b1dc77c
              Pin("95b8ab2c350f58064c30a217f07e0a3353915edee572c5fb2ebcf8fa3f87a813"),
              // Intel, "TPM EK root cert signing" (firmware TPMs), until 2049-12-31
              Pin("baf3caf0db083d8155424bb24d6fbbd8ba7487fc5b3ca45d3eb6b2b2e4656ade"),
              // Google Cloud EK/AK CA Root, as above: it vouches for endorsement keys, too
              Pin("56a613f57126a385dd6949294e93b0b566f96ab0573be0c2368e6f5ca779831f"),
          },
      .windows =
          {
              // Microsoft Windows Production PCA 2011, in the db of machines that run Windows
              Pin("96fcf444012a77ea14f34f349c469c85e2749fce709e0bcdf2e5eab431cdccae"),
          },
  };
  return roots;
}

}  // namespace assay
