#include "tee/tcg/uki_sections.h"

#include <algorithm>
#include <array>
#include <string>

namespace assay::tcg {
namespace {

constexpr std::uint32_t kUkiPcr = 11;

constexpr std::array<std::string_view, 14> kNames = {
    ".linux", ".osrel", ".cmdline", ".initrd",  ".ucode",   ".splash", ".dtb",
    ".uname", ".sbat",  ".pcrpkey", ".profile", ".dtbauto", ".hwids",  ".efifw"};

class Names {
 public:
  explicit Names(HashAlgorithm bank) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      digests_[i] = Hash(bank, AsBytes(std::string(kNames[i]) + '\0'));
    }
  }

  // Empty if it is the digest of no section's name.
  std::string_view Of(View digest) const {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (Equal(digests_[i], digest)) return kNames[i];
    }
    return {};
  }

 private:
  std::array<Bytes, kNames.size()> digests_;
};

}  // namespace

UkiSections ReadUkiSections(const EventLog& log, HashAlgorithm bank) {
  const Names names(bank);
  UkiSections out;
  std::string_view pending;
  const auto has = [&out](std::string_view name) {
    return std::any_of(out.sections.begin(), out.sections.end(),
                       [&](const UkiSection& section) { return section.name == name; });
  };
  for (const Event& event : log.events) {
    if (event.index != kUkiPcr || event.type == kEvNoAction) continue;
    const View digest = event.Digest(bank);
    if (!pending.empty()) {
      out.sections.push_back({pending, digest});
      pending = {};
      continue;
    }
    pending = names.Of(digest);
    if (pending.empty() || has(pending)) {
      ++out.unexplained;
      pending = {};
    }
  }
  if (!pending.empty()) ++out.unexplained;
  return out;
}

}  // namespace assay::tcg
