#include "monitor/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay::monitor {
namespace {

using PinnedPcrs = std::map<std::uint32_t, std::vector<Bytes>>;

const PinnedPcrs& PinnedIn(const Release* release, tcg::HashAlgorithm bank) {
  static const PinnedPcrs kNone;
  if (release == nullptr) return kNone;
  const auto found = release->pcrs.find(bank);
  return found == release->pcrs.end() ? kNone : found->second;
}

std::set<std::uint32_t> LearnedOnRequest(const Release* release) {
  return release != nullptr && release->learn ? *release->learn : std::set<std::uint32_t>();
}

std::string Joined(const std::vector<Bytes>& values) {
  std::string out;
  for (const Bytes& one : values) out += (out.empty() ? "" : " or ") + HexEncode(one);
  return out;
}

void CompareOne(std::uint32_t pcr, const std::vector<Bytes>& allowed, const tcg::PcrValues& quoted,
                std::vector<Drift>& out) {
  const auto found = quoted.find(pcr);
  const bool is_quoted = found != quoted.end();
  if (is_quoted && std::find(allowed.begin(), allowed.end(), found->second) != allowed.end())
    return;
  out.push_back({fmt::format("PCR {}", pcr),
                 Joined(allowed),
                 is_quoted ? HexEncode(found->second) : "not quoted",
                 {}});
}

// PCR 10 grows with every file; 16 and 23 anybody may reset (PC Client profile, table 5).
bool IsSteady(std::uint32_t pcr) { return pcr != tpm::kImaPcr && pcr != 16 && pcr != 23; }

bool IsExcepted(const Release& release, std::string_view path) {
  return std::any_of(release.files_except.begin(), release.files_except.end(),
                     [path](const std::string& prefix) { return path.starts_with(prefix); });
}

std::string DigestOf(const tpm::ImaEntry& entry) {
  return fmt::format("{}:{}", entry.digest_algorithm, HexEncode(entry.digest));
}

std::optional<Drift> CompareFile(const Release& release, const tpm::ImaEntry& entry) {
  // Made of PCR 0 to 9, which are compared themselves; no file has a name without a slash.
  if (entry.path == "boot_aggregate" || IsExcepted(release, entry.path)) return std::nullopt;
  const std::string path(entry.path);
  if (entry.violation) {
    return Drift{path, "a file that nobody writes while it is measured", "open for writing", {}};
  }
  const auto known = release.files->find(entry.path);
  if (known == release.files->end()) {
    return Drift{path, "no such file in the release", DigestOf(entry), {}};
  }
  if (known->second.contains(DigestOf(entry))) return std::nullopt;
  std::string expected;
  for (const std::string& one : known->second) expected += (expected.empty() ? "" : " or ") + one;
  return Drift{path, expected, DigestOf(entry), {}};
}

}  // namespace

std::vector<Drift> ComparePcrs(const Release* release, const Machine& machine,
                               tcg::HashAlgorithm bank, const tcg::PcrValues& quoted) {
  std::vector<Drift> out;
  const PinnedPcrs& pinned = PinnedIn(release, bank);
  if (release != nullptr && !release->pcrs.contains(bank)) {
    out.push_back({"PCR bank",
                   "a bank of which release " + release->name + " has values",
                   std::string(tcg::Name(bank)),
                   {}});
  }
  for (const auto& [pcr, allowed] : pinned) CompareOne(pcr, allowed, quoted, out);
  if (!machine.learned) {
    for (const std::uint32_t pcr : LearnedOnRequest(release)) {
      if (quoted.contains(pcr) || pinned.contains(pcr)) continue;
      out.push_back({fmt::format("PCR {}", pcr), "a value to learn", "not quoted", {}});
    }
    return out;
  }
  for (const auto& [pcr, value] : machine.baseline) {
    if (!pinned.contains(pcr)) CompareOne(pcr, {value}, quoted, out);
  }
  return out;
}

tcg::PcrValues Learn(const Release* release, tcg::HashAlgorithm bank,
                     const tcg::PcrValues& quoted) {
  const PinnedPcrs& pinned = PinnedIn(release, bank);
  tcg::PcrValues out;
  for (const auto& [pcr, value] : quoted) {
    const bool asked =
        release != nullptr && release->learn ? release->learn->contains(pcr) : IsSteady(pcr);
    if (asked && !pinned.contains(pcr)) out.emplace(pcr, value);
  }
  return out;
}

std::vector<Drift> CompareFiles(const Release& release, const std::vector<tpm::ImaEntry>& entries) {
  std::vector<Drift> out;
  if (!release.files) return out;
  for (const tpm::ImaEntry& entry : entries) {
    if (auto drift = CompareFile(release, entry)) out.push_back(std::move(*drift));
    if (out.size() == limits::kDriftReasons) break;
  }
  return out;
}

std::vector<Drift> CompareValidity(const Release& release, Time now) {
  if (release.valid_from && now < *release.valid_from) {
    return {{"release " + release.name,
             "valid from " + FormatTime(*release.valid_from),
             FormatTime(now),
             {}}};
  }
  if (release.valid_until && now > *release.valid_until) {
    return {{"release " + release.name,
             "valid until " + FormatTime(*release.valid_until),
             FormatTime(now),
             {}}};
  }
  return {};
}

}  // namespace assay::monitor
