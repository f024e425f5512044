#include "policy/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.h"
#include "policy/lexer.h"

namespace assay::policy {
namespace {

using ast::Property;
using ast::Section;
using ast::Verb;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

constexpr std::array kProperties = {Property::kType, Property::kValue, Property::kValueType,
                                    Property::kIssuer};

class Parser {
 public:
  Parser(std::string_view text, std::vector<Lexeme> lexemes)
      : text_(text), lexemes_(std::move(lexemes)) {}

  Result<ast::Policy> Run() {
    TRY_VOID(Version());
    while (Peek().token != Token::kEnd) TRY_VOID(OneSection());
    return std::move(policy_);
  }

 private:
  const Lexeme& Peek(std::size_t ahead = 0) const {
    return lexemes_[std::min(at_ + ahead, lexemes_.size() - 1)];
  }
  Lexeme& Take() { return lexemes_[at_ + 1 < lexemes_.size() ? at_++ : at_]; }
  bool Skip(Token token) {
    if (Peek().token != token) return false;
    Take();
    return true;
  }
  bool AtName(std::string_view name) const {
    return Peek().token == Token::kName && Lower(Peek().text) == name;
  }

  tl::unexpected<Error> Refuse(const Place& place, std::string_view what,
                               std::string hint = {}) const {
    return PolicyError(text_, place, what, std::move(hint));
  }

  tl::unexpected<Error> Expected(std::string_view what, std::string hint = {}) const {
    return Refuse(Peek().place, fmt::format("expected {}, found {}", what, Describe(Peek())),
                  std::move(hint));
  }

  // What is missing belongs behind the token before, where a person would write it.
  Result<void> ExpectAfter(Token token, std::string_view what) {
    if (Skip(token)) return {};
    const Place place = at_ > 0 ? Behind(text_, lexemes_[at_ - 1]) : Peek().place;
    return Refuse(place, fmt::format("expected {}", what));
  }

  Result<void> Expect(Token token, std::string_view what) {
    if (!Skip(token)) return Expected(what);
    return {};
  }

  Result<void> Version() {
    policy_.version_place = Peek().place;
    if (!AtName("version")) {
      return Expected("\"version\"", "a policy begins with: version=1.0;");
    }
    Take();
    TRY_VOID(Expect(Token::kAssign, "\"=\" after version"));
    const Lexeme major = Peek();
    TRY_VOID(Expect(Token::kInteger, "the version, as in 1.0"));
    TRY_VOID(Expect(Token::kDot, "\".\" in the version"));
    const Lexeme minor = Peek();
    TRY_VOID(Expect(Token::kInteger, "the minor version"));
    // "1.02" is no 1.2.
    if (major.number != 1 || minor.number < 0 || minor.number > 2 ||
        minor.end - major.place.offset != 3) {
      return PolicyError(text_, major.place, "expected version 1.0, 1.1 or 1.2", {},
                         ErrorCode::kUnsupported);
    }
    policy_.minor = static_cast<int>(minor.number);
    return ExpectAfter(Token::kSemicolon, "\";\" after the version");
  }

  Result<void> OneSection() {
    std::size_t index = 0;
    while (index < ast::kSections && !AtName(ast::Name(static_cast<Section>(index)))) ++index;
    if (index == ast::kSections) {
      return Expected("configurationrules, authorizationrules or issuancerules");
    }
    auto& rules = policy_.sections[index];
    if (rules) {
      return Refuse(Peek().place,
                    fmt::format("a second {}", ast::Name(static_cast<Section>(index))),
                    "put all its rules into one section");
    }
    rules.emplace();
    policy_.section_places[index] = Take().place;
    TRY_VOID(Expect(Token::kOpenBrace, "\"{\" after the name of the section"));
    while (!Skip(Token::kCloseBrace)) {
      if (Peek().token == Token::kEnd) return Expected("a rule or \"}\"");
      rules->push_back(TRY(OneRule()));
      if (++rule_count_ > limits::kPolicyRules) {
        return Refuse(rules->back().place, fmt::format("more than {} rules", limits::kPolicyRules));
      }
    }
    return ExpectAfter(Token::kSemicolon, "\";\" after the section's \"}\"");
  }

  Result<ast::Rule> OneRule() {
    ast::Rule rule;
    rule.place = Peek().place;
    while (Peek().token != Token::kArrow) {
      rule.conditions.push_back(TRY(OneCondition()));
      if (rule.conditions.size() > limits::kPolicyConditions) {
        return Refuse(rule.place, fmt::format("a rule with more than {} conditions",
                                              limits::kPolicyConditions));
      }
      if (Peek().token == Token::kArrow) break;
      if (!Skip(Token::kAnd)) return Expected("\"&&\" or \"=>\" after the condition");
      if (Peek().token == Token::kArrow) return Expected("a condition after \"&&\"");
    }
    Take();
    TRY_VOID(Action(rule));
    TRY_VOID(ExpectAfter(Token::kSemicolon, "\";\" after the action"));
    rule.end = lexemes_[at_ - 1].end;
    return rule;
  }

  Result<ast::Condition> OneCondition() {
    ast::Condition condition;
    condition.place = Peek().place;
    condition.negated = Skip(Token::kNot);
    if (Peek().token == Token::kName) {
      condition.identifier = std::move(Take().text);
      TRY_VOID(Expect(Token::kColon, "\":\" after the condition's identifier"));
    }
    TRY_VOID(Expect(Token::kOpenBracket, "a condition, \"[...]\", or \"=>\""));
    do {
      condition.items.push_back(TRY(OneItem()));
      if (condition.items.size() > limits::kPolicyItems) {
        return Refuse(condition.place,
                      fmt::format("a condition with more than {} items", limits::kPolicyItems));
      }
    } while (Skip(Token::kComma));
    TRY_VOID(Expect(Token::kCloseBracket, "\",\" or \"]\""));
    return condition;
  }

  std::optional<Property> TakeProperty() {
    if (Peek().token != Token::kName) return std::nullopt;
    for (const Property property : kProperties) {
      if (Peek().text == ast::Name(property)) {
        Take();
        return property;
      }
    }
    return std::nullopt;
  }

  Result<ast::Item> OneItem() {
    ast::Item item;
    item.place = Peek().place;
    const auto property = TakeProperty();
    if (!property) return Expected("type, value, valueType or issuer");
    item.property = *property;
    switch (Peek().token) {
      case Token::kAssign: item.single_equals = true; break;
      case Token::kEqual: break;
      case Token::kNotEqual: item.op = ast::Operator::kNotEqual; break;
      case Token::kLess: item.op = ast::Operator::kLess; break;
      case Token::kLessEqual: item.op = ast::Operator::kLessEqual; break;
      case Token::kGreater: item.op = ast::Operator::kGreater; break;
      case Token::kGreaterEqual: item.op = ast::Operator::kGreaterEqual; break;
      default: return Expected("==, !=, <, <=, > or >=");
    }
    Take();
    item.operand = TRY(OneExpression(1));
    return item;
  }

  Result<void> Action(ast::Rule& rule) {
    rule.action_place = Peek().place;
    bool known = false;
    for (const Verb verb :
         {Verb::kPermit, Verb::kDeny, Verb::kAdd, Verb::kIssue, Verb::kIssueProperty}) {
      if (Peek().token != Token::kName || Peek().text != ast::Name(verb)) continue;
      rule.verb = verb;
      known = true;
    }
    if (!known) return Expected("permit, deny, add, issue or issueproperty");
    Take();
    TRY_VOID(Expect(Token::kOpenParenthesis, "\"(\" after the action"));
    if (Skip(Token::kCloseParenthesis)) return {};
    do {
      rule.assignments.push_back(TRY(OneAssignment()));
      if (rule.assignments.size() > ast::kSections + 2) {
        return Refuse(rule.action_place, "more properties than a claim has");
      }
    } while (Skip(Token::kComma));
    return ExpectAfter(Token::kCloseParenthesis, "\",\" or \")\"");
  }

  Result<ast::Assignment> OneAssignment() {
    ast::Assignment out;
    out.place = Peek().place;
    if (Peek().token == Token::kName && Peek().text == "claim") {
      Take();
      out.property = Property::kClaim;
    } else {
      const auto property = TakeProperty();
      if (!property) {
        return Expected("claim, type or value", "as in issue(type=\"name\", value=1)");
      }
      out.property = *property;
    }
    TRY_VOID(Expect(Token::kAssign, "\"=\""));
    out.value = TRY(OneExpression(1));
    return out;
  }

  // Recursion is bounded by limits::kPolicyNesting.
  Result<ast::Expression> OneExpression(std::size_t depth) {
    ast::Expression out;
    out.place = Peek().place;
    if (depth > limits::kPolicyNesting) {
      return Refuse(out.place, fmt::format("calls nest deeper than {}", limits::kPolicyNesting));
    }
    if (Peek().token == Token::kString) {
      out.literal = std::move(Take().text);
    } else if (Peek().token == Token::kInteger) {
      out.literal = Take().number;
    } else if (Peek().token != Token::kName) {
      return Expected("a value", "a string, an integer, true, false, c.value or a function");
    } else if (Peek().text == "true" || Peek().text == "false") {
      out.literal = Take().text == "true";
    } else if (Peek(1).token == Token::kOpenParenthesis) {
      TRY_VOID(Call(out, depth));
    } else {
      TRY_VOID(Reference(out));
    }
    return out;
  }

  Result<void> Call(ast::Expression& out, std::size_t depth) {
    out.kind = ast::Expression::Kind::kCall;
    out.name = std::move(Take().text);
    Take();
    if (Skip(Token::kCloseParenthesis)) return {};
    do {
      out.arguments.push_back(TRY(OneExpression(depth + 1)));
    } while (Skip(Token::kComma));
    return ExpectAfter(Token::kCloseParenthesis, "\",\" or \")\" in the call");
  }

  Result<void> Reference(ast::Expression& out) {
    out.kind = ast::Expression::Kind::kReference;
    out.name = std::move(Take().text);
    out.property = Property::kClaim;
    if (!Skip(Token::kDot)) return {};
    const auto property = TakeProperty();
    if (!property) return Expected("type, value, valueType or issuer after \".\"");
    out.property = *property;
    return {};
  }

  std::string_view text_;
  std::vector<Lexeme> lexemes_;
  std::size_t at_ = 0;
  std::size_t rule_count_ = 0;
  ast::Policy policy_;
};

}  // namespace

Result<ast::Policy> ParsePolicy(std::string_view text) {
  return Parser(text, TRY(Tokenize(text))).Run();
}

}  // namespace assay::policy
