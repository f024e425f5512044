// The digest algorithms that TPMs and their logs name (TCG Algorithm Registry, table 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace assay::tcg {

enum class HashAlgorithm : std::uint16_t {
  kSha1 = 0x0004,
  kSha256 = 0x000B,
  kSha384 = 0x000C,
  kSha512 = 0x000D,
};

// Nothing for an algorithm that this verifier does not compute.
std::optional<HashAlgorithm> HashAlgorithmOf(std::uint16_t id);
std::optional<HashAlgorithm> HashAlgorithmNamed(std::string_view name);

std::string_view Name(HashAlgorithm algorithm);  // "sha256"
std::size_t DigestSize(HashAlgorithm algorithm);
Bytes Hash(HashAlgorithm algorithm, View data);

}  // namespace assay::tcg
