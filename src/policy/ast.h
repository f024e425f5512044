// A policy as written: what the parser makes, and what check, compile, lint, diff and the reference
// interpreter of the tests read. Names are those of azure-docs, attestation/claim-rule-grammar.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "policy/source.h"

namespace assay::policy::ast {

// The properties of a claim; kClaim is the whole claim, as in issue(claim = c).
enum class Property : std::uint8_t { kType, kValue, kValueType, kIssuer, kClaim };

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};

using Literal = std::variant<bool, std::int64_t, std::string>;

struct Expression {
  enum class Kind : std::uint8_t { kLiteral, kReference, kCall };
  Kind kind = Kind::kLiteral;
  Place place;
  Literal literal = false;               // of kLiteral
  std::string name;                      // of kReference: the identifier; of kCall: the function
  Property property = Property::kValue;  // of kReference; kClaim stands for the bare identifier
  std::vector<Expression> arguments;     // of kCall
};

// One of the conditions between the brackets: property, operator, operand.
struct Item {
  Property property = Property::kType;
  Operator op = Operator::kEqual;
  bool single_equals = false;  // written "=", as some of Azure's samples do
  Expression operand;
  Place place;
};

struct Condition {
  bool negated = false;
  std::string identifier;  // empty when there is none
  std::vector<Item> items;
  Place place;
};

enum class Verb : std::uint8_t { kPermit, kDeny, kAdd, kIssue, kIssueProperty };

struct Assignment {
  Property property = Property::kType;
  Expression value;
  Place place;
};

struct Rule {
  std::vector<Condition> conditions;
  Verb verb = Verb::kPermit;
  std::vector<Assignment> assignments;
  Place place;          // of its first token
  Place action_place;   // of its verb
  std::size_t end = 0;  // the offset behind its ";"
};

enum class Section : std::uint8_t { kConfiguration, kAuthorization, kIssuance };
inline constexpr std::size_t kSections = 3;

struct Policy {
  int major = 1;
  int minor = 0;
  Place version_place;
  // Indexed by Section; nothing where the section is not written.
  std::optional<std::vector<Rule>> sections[kSections];
  Place section_places[kSections];

  const std::vector<Rule>& rules(Section section) const;
};

std::string_view Name(Property property);  // "type"
std::string_view Name(Operator op);        // "=="
std::string_view Name(Verb verb);          // "issueproperty"
std::string_view Name(Section section);    // "authorizationrules"

// In one canonical form, whatever the white space and comments of the original.
std::string Write(const Literal& literal);
std::string Write(const Expression& expression);
std::string Write(const Item& item);
std::string Write(const Condition& condition);
std::string Write(const Rule& rule);

}  // namespace assay::policy::ast
