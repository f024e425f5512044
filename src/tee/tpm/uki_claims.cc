#include "tee/tpm/uki_claims.h"

#include "base/encoding.h"
#include "base/json.h"
#include "tee/tcg/uki_sections.h"

namespace assay::tpm {

void AddUkiClaims(const tcg::EventLog& log, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
                  Claims& out) {
  constexpr std::uint32_t kUkiPcr = 11;
  if (!quoted.contains(kUkiPcr)) return;
  const tcg::UkiSections found = tcg::ReadUkiSections(log, bank);
  if (found.sections.empty()) return;
  json::Object sections;
  for (const tcg::UkiSection& section : found.sections) {
    sections.emplace_back(std::string(section.name), HexEncode(section.digest));
  }
  out.emplace_back("uki_sections", std::move(sections));
  out.emplace_back("uki_unexplained", static_cast<std::int64_t>(found.unexplained));
}

}  // namespace assay::tpm
