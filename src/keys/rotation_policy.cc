#include "keys/rotation_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay::keys {
namespace {

constexpr std::int64_t kLeastExpiryDays = 28;
constexpr std::int64_t kLeastTriggerDays = 7;
constexpr std::string_view kWherePolicy = "rotation policy";

tl::unexpected<Fault> BadPolicy(std::string_view what) {
  return Refuse(FaultKind::kBadParameter, fmt::format("rotation policy: {}", what));
}

Outcome<std::optional<Duration>> OptionalDuration(const json::Value* in, std::string_view name,
                                                  std::int64_t least_days) {
  const json::Value* const value = in != nullptr ? in->Find(name) : nullptr;
  if (value == nullptr || value->is_null()) return std::nullopt;
  Duration out = TRY(ParseDuration(TRY(in->String(name, kWherePolicy))));
  if (RoughDays(out) < least_days) {
    return BadPolicy(
        fmt::format("{}: expected at least {} days, found {}", name, least_days, out.text));
  }
  return out;
}

// Letters' case does not matter: clients are known to write "rotate".
Outcome<LifetimeAction> ActionOf(const json::Value& rule) {
  const json::Value* const action = rule.Find("action");
  if (action == nullptr) return BadPolicy("an action of lifetimeActions has no \"action\"");
  const std::string type = FoldName(TRY(action->String("type", kWherePolicy)));
  if (type == "rotate") return LifetimeAction::kRotate;
  if (type == "notify") return LifetimeAction::kNotify;
  return BadPolicy("action.type: expected Rotate or Notify");
}

Outcome<LifetimeRule> ParseRule(const json::Value& document) {
  LifetimeRule out;
  out.action = TRY(ActionOf(document));
  const json::Value* const trigger = document.Find("trigger");
  out.after_create = TRY(OptionalDuration(trigger, "timeAfterCreate", kLeastTriggerDays));
  out.before_expiry = TRY(OptionalDuration(trigger, "timeBeforeExpiry", kLeastTriggerDays));
  if (out.after_create.has_value() == out.before_expiry.has_value()) {
    return BadPolicy("trigger: expected one of timeAfterCreate and timeBeforeExpiry");
  }
  if (out.action == LifetimeAction::kNotify && out.after_create) {
    return BadPolicy("Notify goes with timeBeforeExpiry only");
  }
  return out;
}

Outcome<void> CheckWhole(const RotationPolicy& policy) {
  const auto count = [&policy](LifetimeAction action) {
    return std::count_if(policy.rules.begin(), policy.rules.end(),
                         [action](const LifetimeRule& one) { return one.action == action; });
  };
  if (count(LifetimeAction::kRotate) > 1 || count(LifetimeAction::kNotify) > 1) {
    return BadPolicy("expected at most one action of each type");
  }
  for (const LifetimeRule& rule : policy.rules) {
    if (rule.action != LifetimeAction::kRotate) continue;
    if (rule.before_expiry && !policy.expiry_time) {
      return BadPolicy("Rotate with timeBeforeExpiry needs attributes.expiryTime");
    }
    const Time zero{};
    const std::optional<Duration>& trigger =
        rule.after_create ? rule.after_create : rule.before_expiry;
    if (policy.expiry_time && zero + *trigger >= zero + *policy.expiry_time) {
      return BadPolicy("expiryTime: expected more than the trigger of Rotate");
    }
  }
  return {};
}

}  // namespace

RotationPolicy DefaultRotationPolicy() {
  RotationPolicy out;
  out.rules.push_back({LifetimeAction::kNotify, {}, Duration{"P30D", 0, 30LL * 24 * 3600}});
  return out;
}

Outcome<RotationPolicy> ParseRotationPolicy(const json::Value& document) {
  if (document.AsObject() == nullptr) return BadPolicy("expected an object");
  RotationPolicy out;
  const json::Value* const rules = document.Find("lifetimeActions");
  if (rules != nullptr && !rules->is_null()) {
    const json::Array& list = *TRY(document.List("lifetimeActions", kWherePolicy));
    if (list.size() > limits::kKeyLifetimeActions) {
      return BadPolicy(fmt::format("expected at most {} lifetimeActions, found {}",
                                   limits::kKeyLifetimeActions, list.size()));
    }
    for (const json::Value& one : list) out.rules.push_back(TRY(ParseRule(one)));
  }
  out.expiry_time =
      TRY(OptionalDuration(document.Find("attributes"), "expiryTime", kLeastExpiryDays));
  TRY_VOID(CheckWhole(out));
  return out;
}

json::Object RotationPolicyJson(const RotationPolicy& policy) {
  json::Array rules;
  for (const LifetimeRule& rule : policy.rules) {
    json::Object trigger;
    if (rule.after_create) trigger.emplace_back("timeAfterCreate", rule.after_create->text);
    if (rule.before_expiry) trigger.emplace_back("timeBeforeExpiry", rule.before_expiry->text);
    const std::string_view type = rule.action == LifetimeAction::kRotate ? "Rotate" : "Notify";
    rules.emplace_back(
        json::Object{{"trigger", std::move(trigger)}, {"action", json::Object{{"type", type}}}});
  }
  json::Object attributes;
  if (policy.expiry_time) attributes.emplace_back("expiryTime", policy.expiry_time->text);
  if (policy.created != Time{}) {
    attributes.emplace_back("created", UnixSeconds(policy.created));
    attributes.emplace_back("updated", UnixSeconds(policy.updated));
  }
  return {{"lifetimeActions", std::move(rules)}, {"attributes", std::move(attributes)}};
}

std::optional<Time> RotationDue(const RotationPolicy& policy, const Attributes& current) {
  for (const LifetimeRule& rule : policy.rules) {
    if (rule.action != LifetimeAction::kRotate) continue;
    if (rule.after_create) return current.created + *rule.after_create;
    if (current.expires) return *current.expires - *rule.before_expiry;
  }
  return std::nullopt;
}

}  // namespace assay::keys
