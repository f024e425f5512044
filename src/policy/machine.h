// Runs compiled rules over a growing set of claims: conditions, then the action.
//
// The claim set only grows, and claims keep their index. So slots and explanations hold indices.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "policy/claim.h"
#include "policy/program.h"
#include "policy/properties.h"

namespace assay::policy {

using ClaimIndex = std::uint32_t;
inline constexpr ClaimIndex kNoClaim = std::numeric_limits<ClaimIndex>::max();

struct HeldClaim {
  std::string_view type;
  std::string_view issuer;
  Datum value;
  ClaimIndex next_of_type = kNoClaim;
};

// All values issued for one type, in order.
struct IssuedClaim {
  std::string_view type;
  std::vector<Datum> values;
};

class Machine {
 public:
  // Both must outlive the machine.
  Machine(const Program& program, std::span<const Claim> claims);

  // Whether the rule's conditions hold; matched() then tells by which claims.
  Result<bool> Holds(const CompiledRule& rule);
  // Executes add, issue or issueproperty with the claims that Holds() found.
  Result<void> Act(const CompiledRule& rule, ast::Section section);

  // By condition of the rule that Holds() saw last. All claims that fit where the condition has an
  // identifier; otherwise the first.
  std::span<const std::vector<ClaimIndex>> matched() const { return matched_; }
  const HeldClaim& claim(ClaimIndex index) const { return claims_[index]; }
  const std::vector<IssuedClaim>& issued() const { return issued_; }
  Properties& properties() { return properties_; }
  Workspace& work() { return work_; }

  // For explanations: one test against one claim, and the values that an operand has.
  Result<Set> Values(const Operand& operand);
  bool Passes(const Test& test, const HeldClaim& claim, const Set& wanted);
  Datum PropertyOf(const HeldClaim& claim, ast::Property property) const;
  ClaimIndex FirstOf(TypeId type) const { return first_[type]; }
  std::size_t claim_count() const { return claims_.size(); }

 private:
  void Hold(HeldClaim claim);
  Result<void> Match(const CompiledCondition& condition, std::vector<ClaimIndex>& out);
  bool Fits(const CompiledCondition& condition, const HeldClaim& claim,
            std::span<const Set> wanted);
  Result<Set> Call(const Operand& operand);
  Result<void> Emit(const CompiledRule& rule, ast::Section section, std::string_view type,
                    const Set& values);
  Result<void> Issue(std::string_view type, const Set& values);
  Result<std::string_view> TypeFor(const CompiledRule& rule);
  Result<void> Spend(std::size_t steps);

  const Program& program_;
  jmespath::Budget budget_;
  Workspace work_;
  std::vector<HeldClaim> claims_;
  std::vector<ClaimIndex> first_, last_;  // by TypeId
  std::vector<std::vector<ClaimIndex>> matched_;
  std::vector<IssuedClaim> issued_;
  std::unordered_map<std::string_view, std::size_t> issued_index_;
  Properties properties_;
};

}  // namespace assay::policy
