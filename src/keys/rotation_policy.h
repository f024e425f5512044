// When a key gets a new version by itself, and when that version expires.
#pragma once

#include <optional>
#include <vector>

#include "base/json.h"
#include "keys/duration.h"
#include "keys/key.h"

namespace assay::keys {

enum class LifetimeAction { kRotate, kNotify };

struct LifetimeRule {
  LifetimeAction action = LifetimeAction::kRotate;
  // One of the two.
  std::optional<Duration> after_create;
  std::optional<Duration> before_expiry;
};

struct RotationPolicy {
  std::vector<LifetimeRule> rules;
  std::optional<Duration> expiry_time;  // of versions made by rotation
  Time created{}, updated{};
};

// What holds for a key that has none: nothing is rotated, and thirty days before a version expires
// would be told.
RotationPolicy DefaultRotationPolicy();

// {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"}, "action": {"type": "Rotate"}}],
//  "attributes": {"expiryTime": "P2Y"}}
// As Azure bounds it: versions live 28 days at least, and are rotated 7 days after they were made
// or 7 days before they expire at the earliest.
Outcome<RotationPolicy> ParseRotationPolicy(const json::Value& document);
json::Object RotationPolicyJson(const RotationPolicy& policy);

// When that version, the current one, is to be replaced; nothing: never.
std::optional<Time> RotationDue(const RotationPolicy& policy, const Attributes& current);

}  // namespace assay::keys
