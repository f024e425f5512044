#include "monitor/log_diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/uefi.h"

namespace assay::monitor {
namespace {

constexpr std::size_t kShown = 160;

std::vector<const tcg::Event*> EventsOf(const tcg::EventLog& log, std::uint32_t pcr) {
  std::vector<const tcg::Event*> out;
  for (const tcg::Event& event : log.events) {
    if (event.index == pcr && event.type != tcg::kEvNoAction) out.push_back(&event);
  }
  return out;
}

std::string Text(View data) {
  std::string out;
  for (const std::byte b : data.first(std::min(data.size(), kShown))) {
    const auto c = static_cast<char>(b);
    out.push_back(c >= 0x20 && c < 0x7F ? c : '.');
  }
  return "\"" + out + "\"";
}

std::string Show(const tcg::Event& event, tcg::HashAlgorithm bank) {
  if (const auto text = tcg::MeasuredText(event)) return Text(*text);
  if (const auto variable = tcg::ParseVariable(event.data);
      variable && tcg::BindingOf(event) == tcg::DataBinding::kBound) {
    return fmt::format("variable {} with {} bytes, {}", variable->name, variable->data.size(),
                       HexEncode(event.Digest(bank)).substr(0, 16));
  }
  return fmt::format("type 0x{:08x}, digest {}", event.type, HexEncode(event.Digest(bank)));
}

}  // namespace

std::string FirstDifference(const tcg::EventLog& before, const tcg::EventLog& after,
                            std::uint32_t pcr, tcg::HashAlgorithm bank) {
  const auto was = EventsOf(before, pcr);
  const auto is = EventsOf(after, pcr);
  const std::size_t common = std::min(was.size(), is.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (Equal(was[i]->Digest(bank), is[i]->Digest(bank))) continue;
    return fmt::format("event {}: was {}, is {}", is[i]->number, Show(*was[i], bank),
                       Show(*is[i], bank));
  }
  if (is.size() > common) {
    return fmt::format("event {} is new: {}", is[common]->number, Show(*is[common], bank));
  }
  if (was.size() > common) {
    return fmt::format("event {} is missing: {}", was[common]->number, Show(*was[common], bank));
  }
  return {};
}

}  // namespace assay::monitor
