#include "policy/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace assay::policy {
namespace {

using ast::Expression;

void Rename(Expression& expression, const std::map<std::string, std::string>& names) {
  if (expression.kind == Expression::Kind::kReference) {
    const auto it = names.find(expression.name);
    if (it != names.end()) expression.name = it->second;
  }
  for (Expression& one : expression.arguments) Rename(one, names);
}

// "issue(type)": rules of one section with the same are versions of each other.
std::string ActionOf(const ast::Rule& rule) {
  std::string out(ast::Name(rule.verb));
  for (const ast::Assignment& one : rule.assignments) {
    if (one.property == ast::Property::kType) out += ast::Write(one.value);
  }
  return out;
}

struct Side {
  const std::vector<ast::Rule>& rules;
  std::vector<std::string> texts;
  std::vector<bool> matched;

  explicit Side(const std::vector<ast::Rule>& all) : rules(all), matched(all.size()) {
    for (const ast::Rule& rule : all) texts.push_back(Normalised(rule));
  }
};

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;  // before, after

// Pairs unmatched rules that have the same key, in order.
template <typename KeyOf>
Pairs Match(Side& before, Side& after, KeyOf key_of) {
  std::map<std::string, std::vector<std::size_t>> open;
  for (std::size_t i = after.rules.size(); i > 0; --i) {
    if (!after.matched[i - 1]) open[key_of(after, i - 1)].push_back(i - 1);
  }
  Pairs out;
  for (std::size_t i = 0; i < before.rules.size(); ++i) {
    if (before.matched[i]) continue;
    auto& candidates = open[key_of(before, i)];
    if (candidates.empty()) continue;
    out.emplace_back(i, candidates.back());
    before.matched[i] = after.matched[candidates.back()] = true;
    candidates.pop_back();
  }
  return out;
}

// The pairs that do not belong to a longest increasing run of places: the fewest that have moved.
Pairs Moved(const Pairs& pairs) {
  std::vector<std::size_t> previous(pairs.size()), at;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto it = std::lower_bound(at.begin(), at.end(), i, [&](std::size_t a, std::size_t b) {
      return pairs[a].second < pairs[b].second;
    });
    previous[i] = it == at.begin() ? i : *(it - 1);
    if (it == at.end()) {
      at.push_back(i);
    } else {
      *it = i;
    }
  }
  std::vector<bool> stays(pairs.size());
  for (std::size_t n = at.size(), i = at.empty() ? 0 : at.back(); n > 0; --n, i = previous[i]) {
    stays[i] = true;
  }
  Pairs out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!stays[i]) out.push_back(pairs[i]);
  }
  return out;
}

RuleSite Site(ast::Section section, const Side& side, std::size_t index) {
  return {section, index, side.rules[index].place, ast::Write(side.rules[index])};
}

std::size_t Order(const Change& change) {
  return change.after ? change.after->index : change.before->index;
}

void CompareSection(ast::Section section, const Policy& old_policy, const Policy& new_policy,
                    std::vector<Change>& out) {
  Side before(old_policy.ast().rules(section));
  Side after(new_policy.ast().rules(section));
  const Pairs same =
      Match(before, after, [](const Side& side, std::size_t i) { return side.texts[i]; });
  const Pairs changed =
      Match(before, after, [](const Side& side, std::size_t i) { return ActionOf(side.rules[i]); });
  std::vector<Change> found;
  for (const auto& [from, to] : Moved(same)) {
    found.push_back({ChangeKind::kMoved, Site(section, before, from), Site(section, after, to)});
  }
  for (const auto& [from, to] : changed) {
    found.push_back({ChangeKind::kChanged, Site(section, before, from), Site(section, after, to)});
  }
  for (std::size_t i = 0; i < before.rules.size(); ++i) {
    if (!before.matched[i]) {
      found.push_back({ChangeKind::kRemoved, Site(section, before, i), std::nullopt});
    }
  }
  for (std::size_t i = 0; i < after.rules.size(); ++i) {
    if (!after.matched[i]) {
      found.push_back({ChangeKind::kAdded, std::nullopt, Site(section, after, i)});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Change& a, const Change& b) { return Order(a) < Order(b); });
  std::move(found.begin(), found.end(), std::back_inserter(out));
}

}  // namespace

std::string Normalised(const ast::Rule& rule) {
  ast::Rule copy = rule;
  std::map<std::string, std::string> names;
  for (ast::Condition& condition : copy.conditions) {
    if (condition.identifier.empty()) continue;
    const std::string name = fmt::format("c{}", names.size() + 1);
    condition.identifier = names[condition.identifier] = name;
  }
  for (ast::Condition& condition : copy.conditions) {
    for (ast::Item& item : condition.items) Rename(item.operand, names);
    std::sort(condition.items.begin(), condition.items.end(),
              [](const ast::Item& a, const ast::Item& b) { return ast::Write(a) < ast::Write(b); });
  }
  for (ast::Assignment& one : copy.assignments) Rename(one.value, names);
  return ast::Write(copy);
}

Diff Compare(const Policy& before, const Policy& after) {
  Diff out;
  const ast::Policy& a = before.ast();
  const ast::Policy& b = after.ast();
  if (a.major != b.major || a.minor != b.minor) {
    out.version = fmt::format("{}.{} -> {}.{}", a.major, a.minor, b.major, b.minor);
  }
  for (std::size_t i = 0; i < ast::kSections; ++i) {
    CompareSection(static_cast<ast::Section>(i), before, after, out.changes);
  }
  return out;
}

}  // namespace assay::policy
