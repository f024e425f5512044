#include "tee/tcg/hash_algorithm.h"

#include <array>

#include "crypto/digest.h"

namespace assay::tcg {
namespace {

struct Entry {
  HashAlgorithm algorithm;
  std::string_view name;
  std::size_t size;
};

constexpr std::array<Entry, 4> kEntries = {{{HashAlgorithm::kSha1, "sha1", 20},
                                            {HashAlgorithm::kSha256, "sha256", 32},
                                            {HashAlgorithm::kSha384, "sha384", 48},
                                            {HashAlgorithm::kSha512, "sha512", 64}}};

const Entry& EntryOf(HashAlgorithm algorithm) {
  for (const Entry& entry : kEntries) {
    if (entry.algorithm == algorithm) return entry;
  }
  return kEntries[1];  // not reached: every enumerator has its entry
}

}  // namespace

std::optional<HashAlgorithm> HashAlgorithmOf(std::uint16_t id) {
  for (const Entry& entry : kEntries) {
    if (static_cast<std::uint16_t>(entry.algorithm) == id) return entry.algorithm;
  }
  return std::nullopt;
}

std::optional<HashAlgorithm> HashAlgorithmNamed(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.algorithm;
  }
  return std::nullopt;
}

std::string_view Name(HashAlgorithm algorithm) { return EntryOf(algorithm).name; }
std::size_t DigestSize(HashAlgorithm algorithm) { return EntryOf(algorithm).size; }

Bytes Hash(HashAlgorithm algorithm, View data) {
  switch (algorithm) {
    case HashAlgorithm::kSha1: return ToBytes(Sha1(data));
    case HashAlgorithm::kSha256: return ToBytes(Sha256(data));
    case HashAlgorithm::kSha384: return ToBytes(Sha384(data));
    case HashAlgorithm::kSha512: return ToBytes(Sha512(data));
  }
  return {};
}

}  // namespace assay::tcg
