// `assay policy query` and `assay policy diff`.
#include <fmt/format.h>

#include "cli/policy.h"
#include "policy/diff.h"
#include "policy/jmespath/jmespath.h"

namespace assay::cli {
namespace {

std::string_view KindName(policy::ChangeKind kind) {
  switch (kind) {
    case policy::ChangeKind::kAdded: return "added";
    case policy::ChangeKind::kRemoved: return "removed";
    case policy::ChangeKind::kChanged: return "changed";
    case policy::ChangeKind::kMoved: return "moved";
  }
  return "changed";
}

std::string Line(char mark, const policy::RuleSite& site) {
  return fmt::format("  {} line {}: {}\n", mark, site.place.line, site.text);
}

std::string ChangeText(const policy::Change& change) {
  const policy::RuleSite& site = change.after ? *change.after : *change.before;
  std::string out =
      fmt::format("{} in {}\n", KindName(change.kind), policy::ast::Name(site.section));
  if (change.before) out += Line('-', *change.before);
  if (change.after) out += Line('+', *change.after);
  return out;
}

json::Value SiteJson(const std::optional<policy::RuleSite>& site) {
  if (!site) return nullptr;
  return json::Object{{"section", policy::ast::Name(site->section)},
                      {"line", site->place.line},
                      {"text", site->text}};
}

}  // namespace

Result<PolicyAnswer> QueryJson(std::string_view expression, std::string_view document) {
  const auto query = TRY(jmespath::Query::Compile(expression));
  PolicyAnswer out;
  out.json = TRY(query.Search(TRY(json::Parse(document))));
  out.text = json::WritePretty(out.json) + "\n";
  return out;
}

Result<PolicyAnswer> DiffPolicies(const Options& options) {
  const policy::Policy before = TRY(LoadPolicy(options.file));
  const policy::Policy after = TRY(LoadPolicy(options.other));
  const policy::Diff diff = policy::Compare(before, after);
  PolicyAnswer out;
  out.exit_code = diff.empty() ? kExitTrusted : kExitRefused;
  json::Object whole{{"same", diff.empty()}};
  if (diff.empty()) out.text = "the policies mean the same\n";
  if (diff.version) {
    out.text += "version " + *diff.version + "\n";
    whole.emplace_back("version", *diff.version);
  }
  json::Array changes;
  for (const policy::Change& change : diff.changes) {
    out.text += ChangeText(change);
    changes.emplace_back(json::Object{{"kind", KindName(change.kind)},
                                      {"before", SiteJson(change.before)},
                                      {"after", SiteJson(change.after)}});
  }
  whole.emplace_back("changes", std::move(changes));
  out.json = std::move(whole);
  return out;
}

}  // namespace assay::cli
