#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/limits.h"
#include "release/policy.h"

namespace assay::release {
namespace {

constexpr std::string_view kAgreementMember = "x-assay-agreement";
constexpr std::array kOperators = {
    Operator::kEquals,  Operator::kNotEquals,       Operator::kLess,  Operator::kLessOrEquals,
    Operator::kGreater, Operator::kGreaterOrEquals, Operator::kExists};

tl::unexpected<Error> At(const std::string& place, const std::string& message,
                         std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument,
              "release policy: " + (place.empty() ? message : place + ": " + message),
              std::move(hint));
}

// Escaped: errors are shown in logs and terminals.
std::string Quoted(std::string_view text) {
  return text.size() <= limits::kPolicyShownBytes ? json::Write(json::Value(text))
                                                  : fmt::format("{} bytes", text.size());
}

std::optional<Operator> OperatorOf(std::string_view name) {
  const auto* const found = std::find_if(kOperators.begin(), kOperators.end(),
                                         [name](Operator op) { return Name(op) == name; });
  return found != kOperators.end() ? std::optional(*found) : std::nullopt;
}

std::optional<Quantifier> QuantifierOf(std::string_view name) {
  if (name == "anyOf") return Quantifier::kAnyOf;
  return name == "allOf" ? std::optional(Quantifier::kAllOf) : std::nullopt;
}

Result<ClaimPath> ParseClaim(const json::Value& value, const std::string& place) {
  const std::string* text = value.AsString();
  if (text == nullptr || text->empty() || text->size() > limits::kReleaseClaimBytes) {
    return At(place, fmt::format("expected the name of a claim, of at most {} bytes",
                                 limits::kReleaseClaimBytes));
  }
  ClaimPath out;
  for (std::size_t start = 0; start <= text->size();) {
    const std::size_t dot = std::min(text->find('.', start), text->size());
    if (dot == start) return At(place, "a part of the claim's name is empty: " + Quoted(*text));
    out.push_back(text->substr(start, dot - start));
    start = dot + 1;
  }
  if (text->ends_with('.')) return At(place, "the claim's name ends with a dot: " + Quoted(*text));
  if (out.size() > limits::kReleaseClaimParts) {
    return At(place, fmt::format("expected at most {} parts in the claim's name, found {}",
                                 limits::kReleaseClaimParts, out.size()));
  }
  return out;
}

bool IsNumber(const json::Value& value) {
  return value.AsInt() != nullptr || value.AsDouble() != nullptr;
}

// The grammar writes true and false in quotes, and policies in use do both.
std::optional<bool> Truth(const json::Value& value) {
  if (value.AsBool() != nullptr) return *value.AsBool();
  const std::string* text = value.AsString();
  if (text == nullptr || (*text != "true" && *text != "false")) return std::nullopt;
  return *text == "true";
}

Result<json::Value> ParseOperand(Operator op, const json::Value& value, const std::string& place) {
  switch (op) {
    case Operator::kEquals:
    case Operator::kNotEquals:
      if (IsNumber(value) || value.AsString() != nullptr || value.AsBool() != nullptr) return value;
      return At(place, "expected a string, a number, true or false");
    case Operator::kExists: {
      const std::optional<bool> truth = Truth(value);
      if (truth) return json::Value(*truth);
      return At(place, "expected true or false");
    }
    default:
      if (IsNumber(value)) return value;
      return At(place, "expected a number: only numbers have an order here");
  }
}

class PolicyReader {
 public:
  Result<ReleasePolicy> Read(const json::Value& root) {
    const json::Object* members = root.AsObject();
    if (members == nullptr) return At("", "expected a JSON object");
    for (const auto& [name, value] : *members) {
      if (name != "version" && name != "anyOf") return Unknown("", name, "version and anyOf");
    }
    const json::Value* version = root.Find("version");
    if (version == nullptr || version->AsString() == nullptr || *version->AsString() != "1.0.0") {
      return At("version",
                "expected \"1.0.0\"" + (version != nullptr && version->AsString() != nullptr
                                            ? ", found " + Quoted(*version->AsString())
                                            : std::string()));
    }
    const json::Array* branches = TRY(ListAt(root.Find("anyOf"), "anyOf"));
    ReleasePolicy out;
    for (std::size_t i = 0; i < branches->size(); ++i) {
      out.any_of.push_back(TRY(ReadBranch((*branches)[i], fmt::format("anyOf[{}]", i))));
    }
    return out;
  }

 private:
  static tl::unexpected<Error> Unknown(const std::string& place, std::string_view found,
                                       std::string_view expected) {
    return At(place, fmt::format("expected {}, found {}", expected, Quoted(found)),
              "names are compared in their case: anyOf, allOf, notEquals");
  }

  static Result<const json::Array*> ListAt(const json::Value* value, const std::string& place) {
    const json::Array* list = value != nullptr ? value->AsArray() : nullptr;
    if (list == nullptr || list->empty())
      return At(place, "expected a list with one entry or more");
    return list;
  }

  Result<void> Count(const std::string& place) {
    if (++nodes_ <= limits::kReleasePolicyNodes) return {};
    return At(place,
              fmt::format("expected at most {} conditions in all", limits::kReleasePolicyNodes));
  }

  Result<Branch> ReadBranch(const json::Value& value, const std::string& place) {
    if (const json::Value* agreement = value.Find(kAgreementMember)) {
      if (value.AsObject()->size() != 1) {
        return At(place, fmt::format("{} stands alone in its object", kAgreementMember));
      }
      return ReadAgreement(*agreement, fmt::format("{}.{}", place, kAgreementMember));
    }
    Branch out;
    out.authorities.push_back(TRY(ReadAuthority(value, place)));
    return out;
  }

  Result<Branch> ReadAgreement(const json::Value& value, const std::string& place) {
    if (value.AsObject() == nullptr) return At(place, "expected an object");
    for (const auto& [name, unused] : *value.AsObject()) {
      if (name != "authorities" && name != "equal") {
        return Unknown(place, name, "authorities and equal");
      }
    }
    const json::Array* list = TRY(ListAt(value.Find("authorities"), place + ".authorities"));
    if (list->size() < 2 || list->size() > limits::kReleaseTokens) {
      return At(place + ".authorities", fmt::format("expected 2 to {} authorities, found {}",
                                                    limits::kReleaseTokens, list->size()));
    }
    Branch out;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string at = fmt::format("{}.authorities[{}]", place, i);
      Authority next = TRY(ReadAuthority((*list)[i], at));
      const auto same = [&next](const Authority& other) { return other.issuer == next.issuer; };
      if (std::any_of(out.authorities.begin(), out.authorities.end(), same)) {
        return At(at, "an authority cannot agree with itself");
      }
      out.authorities.push_back(std::move(next));
    }
    if (const json::Value* equal = value.Find("equal")) {
      out.equal = TRY(ReadEqual(*equal, place + ".equal"));
    }
    return out;
  }

  Result<std::vector<ClaimPath>> ReadEqual(const json::Value& value, const std::string& place) {
    const json::Array* list = TRY(ListAt(&value, place));
    std::vector<ClaimPath> out;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string at = fmt::format("{}[{}]", place, i);
      TRY_VOID(Count(at));
      out.push_back(TRY(ParseClaim((*list)[i], at)));
    }
    return out;
  }

  Result<Authority> ReadAuthority(const json::Value& value, const std::string& place) {
    const json::Object* members = value.AsObject();
    if (members == nullptr) return At(place, "expected an object with an authority");
    const json::Value* name = value.Find("authority");
    const std::string* issuer = name != nullptr ? name->AsString() : nullptr;
    const bool plain =
        issuer != nullptr && !CanonicalIssuer(*issuer).empty() &&
        std::all_of(issuer->begin(), issuer->end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!plain) {
      return At(place + ".authority",
                "expected the issuer of the tokens, for example \"https://attest.example\"");
    }
    const json::Member* group = nullptr;
    for (const json::Member& member : *members) {
      if (member.first == "authority") continue;
      if (group != nullptr) return At(place, "expected one of anyOf and allOf, found more members");
      group = &member;
    }
    if (group == nullptr) return At(place, "expected one of anyOf and allOf beside the authority");
    Group conditions = TRY(ReadGroup(*group, place, 1));
    return Authority{std::string(CanonicalIssuer(*issuer)), std::move(conditions)};
  }

  Result<Group> ReadGroup(const json::Member& member, const std::string& place, std::size_t depth) {
    const std::optional<Quantifier> quantifier = QuantifierOf(member.first);
    if (!quantifier) return Unknown(place, member.first, "anyOf or allOf");
    const std::string at = place + "." + member.first;
    if (depth > limits::kReleasePolicyDepth) {
      return At(at, fmt::format("expected at most {} levels of anyOf and allOf",
                                limits::kReleasePolicyDepth));
    }
    const json::Array* list = TRY(ListAt(&member.second, at));
    Group out{*quantifier, {}};
    for (std::size_t i = 0; i < list->size(); ++i) {
      out.conditions.push_back(TRY(ReadCondition((*list)[i], fmt::format("{}[{}]", at, i), depth)));
    }
    return out;
  }

  Result<Condition> ReadCondition(const json::Value& value, const std::string& place,
                                  std::size_t depth) {
    TRY_VOID(Count(place));
    const json::Object* members = value.AsObject();
    if (members == nullptr) return At(place, "expected an object");
    if (value.Find("claim") != nullptr) {
      ClaimTest test = TRY(ReadTest(value, place));
      return Condition{std::move(test)};
    }
    if (value.Find("authority") != nullptr) {
      return At(place, "an authority stands in the policy's own anyOf only");
    }
    if (members->size() != 1) {
      return At(place, "expected a claim with its operator, or one of anyOf and allOf");
    }
    Group group = TRY(ReadGroup(members->front(), place, depth + 1));
    return Condition{std::move(group)};
  }

  static Result<ClaimTest> ReadTest(const json::Value& value, const std::string& place) {
    const json::Member* test = nullptr;
    for (const json::Member& member : *value.AsObject()) {
      if (member.first == "claim") continue;
      if (test != nullptr) return At(place, "expected one operator beside the claim, found more");
      test = &member;
    }
    if (test == nullptr) return At(place, "expected an operator beside the claim");
    const std::optional<Operator> op = OperatorOf(test->first);
    if (!op) {
      return Unknown(place, test->first,
                     "equals, notEquals, less, lessOrEquals, greater, greaterOrEquals or exists");
    }
    // No TRY among the initialisers of an aggregate: those before it would leak.
    ClaimPath claim = TRY(ParseClaim(*value.Find("claim"), place + ".claim"));
    json::Value operand = TRY(ParseOperand(*op, test->second, place + "." + test->first));
    return ClaimTest{std::move(claim), *op, std::move(operand)};
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Result<ReleasePolicy> ParseReleasePolicy(std::string_view text) {
  if (text.size() > limits::kReleasePolicyBytes) {
    return At("", fmt::format("expected at most {} bytes, found {}", limits::kReleasePolicyBytes,
                              text.size()));
  }
  const auto root = json::Parse(text);
  if (!root) return At("", root.error().message);
  return PolicyReader().Read(*root);
}

}  // namespace assay::release
