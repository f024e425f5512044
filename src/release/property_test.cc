// Parser and evaluator against a naive reading of the same JSON, on random policies and claims.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <map>

#include "release/evaluate.h"
#include "release/testing.h"

namespace assay::release {
namespace {

// Few names and values, so that conditions meet claims.
const std::vector<std::string> kNames = {"a", "b", "a.b", "b.a", "a.a.b"};
const std::vector<std::string> kValues = {"0",     "1",     "2",        "1.0",  "1.5",  "-1",
                                          "\"1\"", "\"x\"", "\"true\"", "true", "false"};
const std::vector<std::string> kOthers = {"null", "[1]", "[]"};
const std::vector<std::string> kIssuers = {"https://a.example", "https://b.example"};
const std::vector<std::string> kAll = {"equals",  "notEquals",       "less",  "lessOrEquals",
                                       "greater", "greaterOrEquals", "exists"};

template <typename T>
T Pick(const std::vector<T>& from) {
  return *rc::gen::elementOf(from);
}
int Below(int limit) { return *rc::gen::inRange(0, limit); }

std::string RandomTest() {
  const std::string op = Pick(kAll);
  std::string operand = Pick(kValues);
  if (op == "exists") operand = Pick<std::string>({"true", "false", "\"true\"", "\"false\""});
  if (op[0] == 'l' || op[0] == 'g') operand = Pick<std::string>({"0", "1", "2", "1.5", "-1"});
  return fmt::format(R"({{"claim":"{}","{}":{}}})", Pick(kNames), op, operand);
}

std::string RandomGroup(int depth) {
  std::string out = fmt::format("\"{}\":[", Below(2) == 0 ? "anyOf" : "allOf");
  for (int i = 0, n = 1 + Below(3); i < n; ++i) {
    out += i > 0 ? "," : "";
    out += depth > 0 && Below(3) == 0 ? "{" + RandomGroup(depth - 1) + "}" : RandomTest();
  }
  return out + "]";
}

std::string RandomAuthority(const std::string& issuer) {
  return fmt::format(R"({{"authority":"{}{}",{}}})", issuer, Below(2) == 0 ? "/" : "",
                     RandomGroup(3));
}

std::string RandomPolicy() {
  std::string branches;
  for (int i = 0, n = 1 + Below(3); i < n; ++i) {
    branches += i > 0 ? "," : "";
    branches += Below(3) == 0 ? testing::AgreementOf(RandomAuthority(kIssuers[0]) + "," +
                                                     RandomAuthority(kIssuers[1]))
                              : RandomAuthority(Pick(kIssuers));
  }
  return testing::PolicyText(branches);
}

std::string RandomClaims(int depth) {
  std::string out = "{";
  for (const char* name : {"a", "b", "a.b"}) {
    if (Below(3) == 0) continue;
    const int kind = Below(8);
    std::string value = Pick(kValues);
    if (kind == 0) value = Pick(kOthers);
    if (kind < 4 && depth > 0) value = RandomClaims(depth - 1);
    out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", name, value);
  }
  return out + "}";
}

// The naive reading: texts in, truth out. A name is cut at each dot, and each part looked up.
const json::Value* Look(const json::Value* at, std::string name) {
  while (at != nullptr) {
    const std::size_t dot = name.find('.');
    at = at->Find(name.substr(0, dot));
    if (dot == std::string::npos) break;
    name = name.substr(dot + 1);
  }
  return at;
}

double Double(const json::Value& value) {
  return value.AsInt() != nullptr ? static_cast<double>(*value.AsInt()) : *value.AsDouble();
}

char TypeOf(const json::Value& value) {
  if (value.AsString() != nullptr) return 's';
  if (value.AsBool() != nullptr) return 'b';
  return value.AsInt() != nullptr || value.AsDouble() != nullptr ? 'n' : '?';
}

bool NaiveTest(const json::Value& test, const json::Value& claims) {
  const json::Member& op = (*test.AsObject())[1];
  const json::Value* claim = Look(&claims, *test.Find("claim")->AsString());
  std::string wanted = json::Write(op.second);
  if (op.first == "exists") {
    const bool there = wanted == "true" || wanted == "\"true\"";
    return there ? claim != nullptr && !claim->is_null() : claim == nullptr;
  }
  if (claim == nullptr) return false;
  char type = TypeOf(op.second);
  if (type == 's' && TypeOf(*claim) == 'b' && (wanted == "\"true\"" || wanted == "\"false\"")) {
    type = 'b';
    wanted = wanted.substr(1, wanted.size() - 2);
  }
  if (type != TypeOf(*claim)) return false;
  const bool same =
      type == 'n' ? Double(*claim) == Double(op.second) : json::Write(*claim) == wanted;
  if (op.first == "equals") return same;
  if (op.first == "notEquals") return !same;
  const double difference = Double(*claim) - Double(op.second);
  if (op.first == "less") return difference < 0;
  if (op.first == "lessOrEquals") return difference <= 0;
  return op.first == "greater" ? difference > 0 : difference >= 0;
}

bool NaiveGroup(const json::Value& value, const json::Value& claims) {
  const bool any = value.Find("anyOf") != nullptr;
  for (const json::Value& one : *value.Find(any ? "anyOf" : "allOf")->AsArray()) {
    const bool met =
        one.Find("claim") != nullptr ? NaiveTest(one, claims) : NaiveGroup(one, claims);
    if (met == any) return any;
  }
  return !any;
}

using Said = std::map<std::string, json::Value>;

bool NaiveAuthority(const json::Value& value, const Said& said) {
  std::string issuer = *value.Find("authority")->AsString();
  if (issuer.back() == '/') issuer.pop_back();
  const auto found = said.find(issuer);
  return found != said.end() && NaiveGroup(value, found->second);
}

bool NaivePolicy(const std::string& text, const Said& said) {
  const json::Value policy = testing::Json(text);
  for (const json::Value& branch : *policy.Find("anyOf")->AsArray()) {
    bool met = true;
    if (const json::Value* agreement = branch.Find("x-assay-agreement")) {
      for (const json::Value& one : *agreement->Find("authorities")->AsArray()) {
        met = NaiveAuthority(one, said) && met;
      }
    } else {
      met = NaiveAuthority(branch, said);
    }
    if (met) return true;
  }
  return false;
}

TEST(ReleaseProperty, AgreesWithTheNaiveReading) {
  // rapidcheck reads its parameters once, from here; a reproduction given from outside wins.
  setenv("RC_PARAMS", "max_success=8000", 0);
  int satisfied = 0;
  const bool held = rc::check([&satisfied] {
    const std::string text = RandomPolicy();
    Said said;
    for (const std::string& issuer : kIssuers) {
      if (Below(4) != 0) said.emplace(issuer, testing::Json(RandomClaims(2)));
    }
    std::vector<AuthorityClaims> claims;
    for (const auto& [issuer, value] : said) claims.push_back({issuer, &value});
    const auto policy = ParseReleasePolicy(text);
    RC_ASSERT(policy.has_value());
    const Evaluation result = Evaluate(*policy, claims);
    satisfied += result.branch ? 1 : 0;
    RC_ASSERT(result.branch.has_value() == NaivePolicy(text, said));
  });
  EXPECT_TRUE(held);
  EXPECT_GT(satisfied, 200);
}

}  // namespace
}  // namespace assay::release
