// The compiled evaluator against the reference interpreter, on random policies and claims.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <map>

#include "policy/reference_testing.h"
#include "policy/testing.h"

namespace assay::policy {
namespace {

// Few names and values, so that rules meet claims and each other.
const std::vector<std::string> kTypes = {"a", "b", "c", "json"};
const std::vector<std::string> kIssuers = {"AttestationService", "AttestationPolicy",
                                           "CustomClaim"};
const std::vector<std::string> kLiterals = {
    "true", "false", "0", "1", "2", "-1", "\"\"", "\"x\"", "\"1\"", "\"[1,2,null]\"", "\"true\""};
const std::vector<std::string> kQueries = {"\"x\"", "\"[0]\"", "\"@\"", "\"length(@)\"",
                                           "\"x == `1`\""};

template <typename T>
T Pick(const std::vector<T>& from) {
  return *rc::gen::elementOf(from);
}
int Below(int limit) { return *rc::gen::inRange(0, limit); }

class RandomPolicy {
 public:
  std::string Text() {
    std::string out = "version=1.2;configurationrules{" + Rules(1, {"issueproperty"}) + "};";
    out += "authorizationrules{" + Rules(4, {"permit", "permit", "permit", "deny", "add", "issue"});
    if (Below(2) == 0) out += "=> permit();";
    return out + "};issuancerules{" + Rules(6, {"add", "issue", "issue", "issueproperty"}) + "};";
  }

 private:
  std::string Rules(int most, const std::vector<std::string>& verbs) {
    std::string out;
    for (int n = Below(most + 1); n > 0; --n) out += Rule(Pick(verbs));
    return out;
  }

  std::string Rule(const std::string& verb) {
    identifiers_.clear();
    std::string out;
    for (int n = Below(4), i = 0; i < n; ++i) out += (i > 0 ? " && " : "") + Condition(i);
    out += " => " + verb + "(";
    if (verb == "permit" || verb == "deny") return out + ");";
    if (!identifiers_.empty() && Below(4) == 0) return out + "claim=" + Pick(identifiers_) + ");";
    const std::string type = Below(6) == 0 ? Expression(1) : "\"" + Pick(kTypes) + "\"";
    out += "type=" + type + ", value=" + Expression(2);
    if (Below(8) == 0) out += ", valueType=\"Integer\"";
    return out + ");";
  }

  std::string Condition(int index) {
    const bool negated = Below(5) == 0;
    std::string items;
    if (Below(6) != 0) items = "type == \"" + Pick(kTypes) + "\"";
    for (int n = Below(3) + (items.empty() ? 1 : 0); n > 0; --n) {
      items += (items.empty() ? "" : ", ") + Item();
    }
    std::string out = negated ? "!" : "";
    if (!negated && Below(2) == 0) {
      const std::string identifier = fmt::format("c{}", index);
      out += identifier + ":";
      out += "[" + items + "]";
      identifiers_.push_back(identifier);
      return out;
    }
    return out + "[" + items + "]";
  }

  std::string Item() {
    switch (Below(6)) {
      case 0: return "issuer " + Pick<std::string>({"==", "!="}) + " \"" + Pick(kIssuers) + "\"";
      case 1: return "valueType == \"Integer\"";
      case 2:
        return "value " + Pick<std::string>({"<", "<=", ">", ">="}) + " " +
               Pick<std::string>({"0", "1", "2"});
      default: return "value " + Pick<std::string>({"==", "!="}) + " " + Expression(1);
    }
  }

  std::string Expression(int depth) {
    const int choice = Below(depth > 0 ? 9 : 4);
    if (choice < 2 || (choice < 4 && identifiers_.empty())) return Pick(kLiterals);
    if (choice < 4) {
      return Pick(identifiers_) +
             Pick<std::string>({".value", ".value", ".type", ".valueType", ".issuer"});
    }
    const std::string a = Expression(depth - 1);
    const std::string b = Expression(depth - 1);
    switch (choice) {
      case 4: return "JsonToClaimValue(" + a + ")";
      case 5: return "AppendString(" + a + ", " + b + ")";
      case 6: return "NegateBool(" + a + ")";
      case 7: return (Below(2) == 0 ? "IsSubsetOf(" : "ContainsOnlyValue(") + a + ", " + b + ")";
      default: return "JmesPath(" + a + ", " + Pick(kQueries) + ")";
    }
  }

  std::vector<std::string> identifiers_;
};

Claim RandomClaim() {
  const std::vector<json::Value> values = {true,
                                           false,
                                           0,
                                           1,
                                           2,
                                           "",
                                           "x",
                                           "1",
                                           "[1,\"x\",true]",
                                           "{\"x\":1}",
                                           json::Value(json::Object{{"x", 1}})};
  return {Pick(kTypes), Pick(values), Pick(kIssuers), Below(8) == 0};
}

std::string PropertiesOf(const reference::Outcome& outcome) {
  std::string out;
  for (const auto& [name, value] : outcome.properties) out += name + value;
  return out;
}

// The reference keeps them by name.
std::string Sorted(const json::Object& properties) {
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : properties) sorted[name] = json::Write(value);
  std::string out;
  for (const auto& [name, value] : sorted) out += name + value;
  return out;
}

TEST(Property, TheCompiledEvaluatorEqualsTheReferenceInterpreter) {
  int compiled = 0, permitted = 0, failed = 0, issued = 0;
  const auto holds = [&] {
    const std::string text = RandomPolicy().Text();
    const auto policy = Policy::Compile(text);
    if (!policy) return;  // a type error that the check found
    std::vector<Claim> claims;
    for (int n = Below(7); n > 0; --n) claims.push_back(RandomClaim());
    const Evaluation result = Evaluate(*policy, claims);
    const reference::Outcome wanted = reference::Interpreter(policy->ast(), claims).Run();
    RC_LOG() << text << "\n" << result.explanation.summary << "\n";
    RC_ASSERT(result.permitted == wanted.permitted);
    RC_ASSERT(json::Write(result.issued) == json::Write(wanted.issued));
    RC_ASSERT(Sorted(result.properties.other) == PropertiesOf(wanted));
    ++compiled;
    permitted += result.permitted ? 1 : 0;
    failed += result.explanation.error ? 1 : 0;
    issued += result.issued.empty() ? 0 : 1;
  };
  // rapidcheck reads its parameters once, from here; a reproduction given from outside wins.
  setenv("RC_PARAMS", "max_success=20000", 0);
  EXPECT_TRUE(rc::check("compiled and reference decide and issue the same", holds));
  std::printf("%d random policies compared: %d permit, %d issue, %d fail to evaluate\n", compiled,
              permitted, issued, failed);
  EXPECT_GT(compiled, 5000);
  EXPECT_GT(issued, 500);
}

}  // namespace
}  // namespace assay::policy
