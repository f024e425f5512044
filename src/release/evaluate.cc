#include "release/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "release/condition.h"

namespace assay::release {
namespace {

// The reason of what was not met: one, if all have the same; the general one otherwise.
class Why {
 public:
  void Add(Reason reason) {
    if (!one_) one_ = reason;
    if (*one_ != reason) mixed_ = true;
  }
  void Add(const Why& other) {
    if (other.one_) Add(other.mixed_ ? Reason::kPolicyFalse : *other.one_);
  }
  Reason reason() const { return one_ && !mixed_ ? *one_ : Reason::kPolicyFalse; }

 private:
  std::optional<Reason> one_;
  bool mixed_ = false;
};

Reason ReasonOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kMissing: return Reason::kClaimMissing;
    case Outcome::kOtherLevel: return Reason::kClaimAtAnotherLevel;
    case Outcome::kOtherType: return Reason::kClaimOfAnotherType;
    case Outcome::kNoToken: return Reason::kAgreementIncomplete;
    default: return Reason::kPolicyFalse;
  }
}

std::string FoundText(const ClaimTest& test, const json::Value& claims, Outcome outcome) {
  if (outcome == Outcome::kOtherLevel) return "nothing; a claim of that name is at another level";
  return Shown(FindClaim(claims, test.claim));
}

class Evaluator {
 public:
  Evaluator(const ReleasePolicy& policy, std::span<const AuthorityClaims> claims)
      : policy_(policy), claims_(claims) {}

  Evaluation Run() && {
    Why why;
    for (std::size_t i = 0; i < policy_.any_of.size(); ++i) {
      const Branch& branch = policy_.any_of[i];
      const std::string place = fmt::format("anyOf[{}]", i);
      if (!HasSome(branch)) continue;
      const bool met = branch.authorities.size() == 1 ? Plain(branch, place, why)
                                                      : Agreement(branch, place, why);
      if (met && !out_.branch) out_.branch = i;
    }
    out_.reason = why.reason();
    return std::move(out_);
  }

 private:
  const json::Value* ClaimsOf(const Authority& authority) const {
    const auto found = std::find_if(
        claims_.begin(), claims_.end(),
        [&authority](const AuthorityClaims& one) { return one.issuer == authority.issuer; });
    return found != claims_.end() ? found->claims : nullptr;
  }

  bool HasSome(const Branch& branch) const {
    return std::any_of(branch.authorities.begin(), branch.authorities.end(),
                       [this](const Authority& a) { return ClaimsOf(a) != nullptr; });
  }

  bool Plain(const Branch& branch, const std::string& place, Why& why) {
    const Authority& authority = branch.authorities.front();
    return Judge(authority.conditions, *ClaimsOf(authority), place, why);
  }

  bool Agreement(const Branch& branch, const std::string& place, Why& why) {
    bool met = true;
    for (std::size_t i = 0; i < branch.authorities.size(); ++i) {
      const Authority& authority = branch.authorities[i];
      const std::string at = fmt::format("{}.x-assay-agreement.authorities[{}]", place, i);
      const json::Value* claims = ClaimsOf(authority);
      if (claims != nullptr) {
        met = Judge(authority.conditions, *claims, at, why) && met;
        continue;
      }
      met = false;
      why.Add(Reason::kAgreementIncomplete);
      Record({at, Outcome::kNoToken, {}, "a token of " + authority.issuer, "none"});
    }
    return met && AllEqual(branch, place, why);
  }

  bool AllEqual(const Branch& branch, const std::string& place, Why& why) {
    bool met = true;
    for (std::size_t i = 0; i < branch.equal.size(); ++i) {
      const ClaimPath& path = branch.equal[i];
      const json::Value* first = FindClaim(*ClaimsOf(branch.authorities.front()), path);
      for (std::size_t other = 1; other < branch.authorities.size(); ++other) {
        const json::Value* second = FindClaim(*ClaimsOf(branch.authorities[other]), path);
        const bool same = first != nullptr && second != nullptr && SameScalar(*first, *second);
        if (!same) why.Add(Reason::kAgreementDiffers);
        met = met && same;
        Record({fmt::format("{}.x-assay-agreement.equal[{}]", place, i),
                same ? Outcome::kMet : Outcome::kFalse, Write(path),
                "one value in all tokens: " + Shown(first), Shown(second)});
      }
    }
    return met;
  }

  // What is not met within a group that is met is no reason for anything.
  bool Judge(const Group& group, const json::Value& claims, const std::string& place, Why& why) {
    const bool all = group.quantifier == Quantifier::kAllOf;
    Why within;
    std::size_t met = 0;
    for (std::size_t i = 0; i < group.conditions.size(); ++i) {
      const std::string at = fmt::format("{}.{}[{}]", place, all ? "allOf" : "anyOf", i);
      met += Judge(group.conditions[i], claims, at, within) ? 1 : 0;
    }
    const bool holds = all ? met == group.conditions.size() : met > 0;
    if (!holds) why.Add(within);
    return holds;
  }

  bool Judge(const Condition& condition, const json::Value& claims, const std::string& place,
             Why& why) {
    if (const Group* group = std::get_if<Group>(&condition.node)) {
      return Judge(*group, claims, place, why);
    }
    const ClaimTest& test = std::get<ClaimTest>(condition.node);
    const Outcome outcome = release::Judge(test, claims);
    if (outcome != Outcome::kMet) why.Add(ReasonOf(outcome));
    if (out_.findings.size() < limits::kReleaseExplained) {
      Record({place, outcome, Write(test.claim),
              fmt::format("{} {}", Name(test.op), Shown(&test.operand)),
              FoundText(test, claims, outcome)});
    }
    return outcome == Outcome::kMet;
  }

  void Record(Finding finding) {
    if (out_.findings.size() < limits::kReleaseExplained) {
      out_.findings.push_back(std::move(finding));
    }
  }

  const ReleasePolicy& policy_;
  const std::span<const AuthorityClaims> claims_;
  Evaluation out_;
};

}  // namespace

Evaluation Evaluate(const ReleasePolicy& policy, std::span<const AuthorityClaims> claims) {
  return Evaluator(policy, claims).Run();
}

}  // namespace assay::release
