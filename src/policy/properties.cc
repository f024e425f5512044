#include "policy/properties.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::policy {
namespace {

constexpr std::int64_t kYearInMinutes = std::int64_t{365} * 24 * 60;

// claim-sets.md ("Property claims"), policy-version-1-1.md, custom-tcb-baseline-enforcement.md.
constexpr KnownProperty kKnown[] = {
    {"report_validity_in_minutes", ValueType::kInteger, 1, kYearInMinutes, false},
    {"omit_x5c", ValueType::kBoolean, 0, 1, false},
    {"require_valid_aik_cert", ValueType::kBoolean, 0, 1, true},
    {"required_pcr_mask", ValueType::kInteger, 0, 0xFFFFFF, true},
    {"x-ms-sgx-tcbidentifier", ValueType::kString, 0, 0, true},
};

}  // namespace

std::span<const KnownProperty> KnownProperties() { return kKnown; }

const KnownProperty* FindProperty(std::string_view name) {
  const auto* it = std::find_if(std::begin(kKnown), std::end(kKnown),
                                [&](const KnownProperty& one) { return one.name == name; });
  return it == std::end(kKnown) ? nullptr : it;
}

Result<void> CheckProperty(std::string_view name, const Datum& value) {
  const KnownProperty* known = FindProperty(name);
  if (known == nullptr) return {};
  if (value.type != known->type) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} takes a value of type {}, not {}", name, Name(known->type),
                            Name(value.type)));
  }
  if (known->type == ValueType::kInteger &&
      (value.number < known->least || value.number > known->most)) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} must be from {} to {}, not {}", name,
                                                         known->least, known->most, value.number));
  }
  return {};
}

Result<void> SetProperty(Properties& properties, std::string_view name, const Datum& value,
                         Workspace& work) {
  TRY_VOID(CheckProperty(name, value));
  if (name == "report_validity_in_minutes") {
    properties.report_validity_in_minutes = value.number;
  } else if (name == "omit_x5c") {
    properties.omit_x5c = value.number != 0;
  } else if (name == "require_valid_aik_cert") {
    properties.require_valid_aik_cert = value.number != 0;
  } else if (name == "required_pcr_mask") {
    properties.required_pcr_mask = value.number;
  } else if (name == "x-ms-sgx-tcbidentifier") {
    properties.tcb_identifier = std::string(work.Text(value));
  } else {
    const auto twin = std::find_if(properties.other.begin(), properties.other.end(),
                                   [&](const auto& member) { return member.first == name; });
    if (twin != properties.other.end()) {
      twin->second = work.Output(value);
    } else {
      properties.other.emplace_back(name, work.Output(value));
    }
  }
  return {};
}

}  // namespace assay::policy
