#include "tee/tpm/uki_claims.h"

#include "base/encoding.h"
#include "base/json.h"
#include "tee/tcg/uki_sections.h"

namespace assay::tpm {

Claims UkiClaims(const tcg::EventLog& log, tcg::HashAlgorithm bank) {
  const tcg::UkiSections found = tcg::ReadUkiSections(log, bank);
  if (found.sections.empty()) return {};
  json::Object sections;
  for (const tcg::UkiSection& section : found.sections) {
    sections.emplace_back(std::string(section.name), HexEncode(section.digest));
  }
  Claims out;
  out.emplace_back("uki_sections", std::move(sections));
  out.emplace_back("uki_unexplained", static_cast<std::int64_t>(found.unexplained));
  return out;
}

}  // namespace assay::tpm
