#include "tee/tcg/event_digest.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "tee/tcg/uefi.h"

namespace assay::tcg {
namespace {

// How a type's digest comes to be.
enum class Rule {
  kData,             // over the whole data
  kDataOrVariable,   // over the whole, or over the variable's value only, as older firmware does
  kAuthority,        // the same, or over the whole but its last byte
  kTextOrOpaque,     // boot loaders: over a part of the text, or over what the text names
  kDataOrOpaque,     // over the data, or over something else that it names
  kOmitBootDevices,  // over a fixed text
  kNeverOverTheData,
};

struct TypeRule {
  std::uint32_t type;
  Rule rule;
};

constexpr std::array kRules = std::to_array<TypeRule>({
    {kEvSeparator, Rule::kData},
    {kEvAction, Rule::kData},
    {kEvSCrtmVersion, Rule::kData},
    {kEvEfiAction, Rule::kData},
    {kEvEfiGptEvent, Rule::kData},
    {kEvEfiVariableDriverConfig, Rule::kData},
    {kEvEfiVariableBoot2, Rule::kData},
    {kEvEfiVariableBoot, Rule::kDataOrVariable},
    {kEvEfiVariableAuthority, Rule::kAuthority},
    {kEvOmitBootDeviceEvents, Rule::kOmitBootDevices},
    {kEvPostCode, Rule::kDataOrOpaque},
    {kEvEventTag, Rule::kDataOrOpaque},
    {kEvIpl, Rule::kTextOrOpaque},
});

Rule RuleOf(std::uint32_t type) {
  for (const TypeRule& entry : kRules) {
    if (entry.type == type) return entry.rule;
  }
  return Rule::kNeverOverTheData;
}

bool OverVariable(const Event& event) {
  const auto variable = ParseVariable(event.data);
  return variable && DigestIsOf(event, variable->data);
}

// Old versions of shim measured one byte less than they logged, seen in logs of 2019 to 2021. That
// byte stands behind the variable.
bool OverAllButTheLastByte(const Event& event) {
  return !event.data.empty() && DigestIsOf(event, event.data.first(event.data.size() - 1));
}

View WithoutNul(View text) {
  if (!text.empty() && text.back() == std::byte{0}) text = text.first(text.size() - 1);
  return text;
}

}  // namespace

bool DigestIsOf(const Event& event, View preimage) {
  for (const auto& [bank, digest] : event.digests) {
    if (!Equal(Hash(bank, preimage), digest)) return false;
  }
  return !event.digests.empty();
}

bool DigestsItsData(const Event& event) { return DigestIsOf(event, event.data); }

std::optional<View> MeasuredText(const Event& event) {
  std::vector<View> candidates;
  for (const View text : {event.data, WithoutNul(event.data)}) {
    candidates.push_back(text);
    for (const std::string_view end_of_prefix : {": ", " "}) {
      const std::size_t at = AsText(text).find(end_of_prefix);
      if (at == std::string_view::npos) continue;
      candidates.push_back(text.subspan(at + end_of_prefix.size()));
    }
  }
  const auto measured = std::find_if(candidates.begin(), candidates.end(),
                                     [&](View view) { return DigestIsOf(event, view); });
  return measured == candidates.end() ? std::nullopt : std::optional(*measured);
}

namespace {

DataBinding Required(bool bound) { return bound ? DataBinding::kBound : DataBinding::kMismatch; }
DataBinding Optional(bool bound) { return bound ? DataBinding::kBound : DataBinding::kOpaque; }

}  // namespace

DataBinding BindingOf(const Event& event) {
  switch (RuleOf(event.type)) {
    case Rule::kData: return Required(DigestIsOf(event, event.data));
    case Rule::kDataOrVariable:
      return Required(DigestIsOf(event, event.data) || OverVariable(event));
    case Rule::kAuthority:
      return Required(DigestIsOf(event, event.data) || OverVariable(event) ||
                      OverAllButTheLastByte(event));
    case Rule::kOmitBootDevices:
      return Required(DigestIsOf(event, AsBytes("BOOT ATTEMPTS OMITTED")));
    case Rule::kDataOrOpaque: return Optional(DigestIsOf(event, event.data));
    case Rule::kTextOrOpaque: return Optional(MeasuredText(event).has_value());
    case Rule::kNeverOverTheData: break;
  }
  return DataBinding::kOpaque;
}

}  // namespace assay::tcg
