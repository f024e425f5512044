#include "policy/report.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace assay::policy {
namespace {

json::Value SiteJson(const RuleSite& site) {
  return json::Object{{"section", ast::Name(site.section)},
                      {"line", site.place.line},
                      {"column", site.place.column},
                      {"text", site.text}};
}

json::Value NearestJson(const NearMiss& nearest) {
  json::Array misses;
  for (const Miss& miss : nearest.misses) {
    misses.emplace_back(json::Object{{"line", miss.place.line},
                                     {"column", miss.place.column},
                                     {"wanted", miss.wanted},
                                     {"found", miss.found}});
  }
  return json::Object{{"rule", SiteJson(nearest.rule)}, {"changes", std::move(misses)}};
}

// A claim may be an event log: a person sees its beginning.
std::string Shown(const json::Value& value) {
  std::string text = json::Write(value);
  if (text.size() <= limits::kPolicyShownBytes) return text;
  std::size_t end = limits::kPolicyShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// "denied: no permit()..." as "DENIED: no permit()...".
std::string Headline(const Evaluation& evaluation) {
  const std::string_view verdict = evaluation.permitted ? "permitted" : "denied";
  std::string_view summary = evaluation.explanation.summary;
  if (summary.starts_with(verdict)) summary.remove_prefix(verdict.size());
  return fmt::format("{}{}", evaluation.permitted ? "PERMITTED" : "DENIED", summary);
}

std::string SiteText(const RuleSite& site) {
  return fmt::format("  {} line {}: {}\n", ast::Name(site.section), site.place.line, site.text);
}

std::string NearestText(const NearMiss& nearest) {
  std::string out = "What would have passed:\n" + SiteText(nearest.rule);
  for (const Miss& miss : nearest.misses) {
    out += fmt::format("    line {}:{}: wanted {}, found {}\n", miss.place.line, miss.place.column,
                       miss.wanted, miss.found);
  }
  return out;
}

}  // namespace

json::Object ExplanationJson(const Explanation& explanation) {
  json::Object out{{"summary", explanation.summary}};
  if (explanation.rule) out.emplace_back("rule", SiteJson(*explanation.rule));
  json::Array claims;
  for (const SeenClaim& claim : explanation.claims) {
    claims.emplace_back(
        json::Object{{"type", claim.type}, {"value", claim.value}, {"issuer", claim.issuer}});
  }
  if (!claims.empty()) out.emplace_back("claims", std::move(claims));
  if (explanation.nearest) out.emplace_back("nearest", NearestJson(*explanation.nearest));
  if (explanation.error) {
    out.emplace_back("error", json::Object{{"message", explanation.error->message},
                                           {"hint", explanation.error->hint}});
  }
  return out;
}

std::string EvaluationText(const Evaluation& evaluation) {
  const Explanation& why = evaluation.explanation;
  std::string out = Headline(evaluation) + "\n";
  if (why.rule) out += SiteText(*why.rule);
  if (why.error) {
    out += why.error->message + "\n";
    if (!why.error->hint.empty()) out += "hint: " + why.error->hint + "\n";
  }
  if (!why.claims.empty()) out += "Claims it saw:\n";
  for (const SeenClaim& claim : why.claims) {
    out += fmt::format("  {} = {}  ({})\n", claim.type, Shown(claim.value), claim.issuer);
  }
  if (why.nearest) out += NearestText(*why.nearest);
  if (!evaluation.issued.empty()) out += "Issued:\n";
  for (const auto& [type, value] : evaluation.issued) {
    out += fmt::format("  {} = {}\n", type, Shown(value));
  }
  return out;
}

}  // namespace assay::policy
