// The attestation policy: what admits evidence and shapes the token.
//
//   const Policy policy = TRY(Policy::Compile(text));
//   const Evaluation result = Evaluate(policy, claims);
//   if (!result.permitted) return Deny(result.explanation);
//
// Deny by default: without a permit() that fires, with a deny() that fires, or when a rule cannot
// be evaluated, nothing is permitted and no claim is issued. Time and memory are bounded whatever
// the policy and the claims (base/limits.h). The language is told in docs/policy.md.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/ast.h"
#include "policy/claim.h"
#include "policy/properties.h"

namespace assay::policy {

struct Program;  // program.h

// Immutable and cheap to copy; may be used by several threads at once.
class Policy {
 public:
  // An error says where: "policy:3:14: ...", the line, a caret; its hint says what to write.
  static Result<Policy> Compile(std::string_view text);

  const std::string& text() const;
  const ast::Policy& ast() const;
  const Program& program() const { return *program_; }

 private:
  explicit Policy(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

// A rule, as a person finds it again.
struct RuleSite {
  ast::Section section = ast::Section::kAuthorization;
  std::size_t index = 0;  // in its section, from 0
  Place place;
  std::string text;  // in canonical form, on one line
};

// A claim that a rule looked at.
struct SeenClaim {
  std::string type;
  json::Value value;
  std::string issuer;
};

// One thing in which a rule did not fit the claims.
struct Miss {
  Place place;         // of the condition item, or of the condition
  std::string wanted;  // "x-ms-sgx-is-debuggable: value == false"
  std::string found;   // "true", or "no such claim"
};

// The rule that came nearest to admitting the claims, or the deny() that has to be escaped.
struct NearMiss {
  RuleSite rule;
  std::vector<Miss> misses;
};

struct Explanation {
  std::string summary;              // one sentence
  std::optional<RuleSite> rule;     // that decided; none when no rule fired
  std::vector<SeenClaim> claims;    // those that made its conditions true, in their order
  std::optional<NearMiss> nearest;  // of a denial
  std::optional<Error> error;       // why a rule could not be evaluated, with its place
};

struct Evaluation {
  bool permitted = false;
  Properties properties;  // of configurationrules also when not permitted
  json::Object issued;    // in order of first issue; several values of a type are an array
  Explanation explanation;
};

Evaluation Evaluate(const Policy& policy, std::span<const Claim> claims);

// What the configurationrules say, before there is evidence to have claims of: the verification
// needs it (require_valid_aik_cert, required_pcr_mask, x-ms-sgx-tcbidentifier).
Result<Properties> Configuration(const Policy& policy);

}  // namespace assay::policy
