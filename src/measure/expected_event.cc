#include "measure/expected_event.h"

#include <fmt/format.h>

namespace assay::measure {

Digests DigestsOf(View data, const Banks& banks) {
  Digests out;
  for (const HashAlgorithm bank : banks) out.emplace(bank, tcg::Hash(bank, data));
  return out;
}

ExpectedEvent Measured(std::uint32_t pcr, std::string what, View data, const Banks& banks) {
  return {pcr, std::move(what), DigestsOf(data, banks)};
}

ExpectedEvent Separator(std::uint32_t pcr, const Banks& banks) {
  return Measured(pcr, "separator", ByteArray<4>{}, banks);
}

Result<tcg::PcrValues> PcrsAfter(const ExpectedEvents& events, HashAlgorithm bank) {
  tcg::PcrValues out;
  for (const ExpectedEvent& event : events) {
    const auto digest = event.digests.find(bank);
    if (digest == event.digests.end()) {
      return Fail(ErrorCode::kMissing,
                  fmt::format("PCR {}: no {} digest of {}", event.pcr, tcg::Name(bank), event.what),
                  "give the file instead of its digest, or leave that bank out");
    }
    const auto [value, is_new] = out.try_emplace(event.pcr, tcg::StartValue(bank, event.pcr));
    tcg::Extend(bank, digest->second, value->second);
  }
  return out;
}

}  // namespace assay::measure
