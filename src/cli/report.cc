#include "cli/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "evidence/advice.h"

namespace assay::cli {
namespace {

std::string CheckText(const Check& check) {
  std::string out = fmt::format(
      "  {} {}{}\n           expected  {}\n           found     {}\n           see       {}\n",
      OutcomeMark(check.outcome), check.name, PlaceText(check.where), check.expected, check.found,
      check.clause);
  const std::string_view advice = AdviceFor(check.name);
  if (check.outcome == Outcome::kFail && !advice.empty()) {
    out += fmt::format("           do        {}\n", advice);
  }
  return out;
}

std::string ChecksWith(const Verdict& verdict, Outcome outcome) {
  std::string out;
  for (const Check& check : verdict.checks) {
    if (check.outcome == outcome) out += CheckText(check);
  }
  return out;
}

std::string Lines(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string out = fmt::format("{}\n", title);
  for (const std::string& line : lines) out += fmt::format("  - {}\n", line);
  return out;
}

json::Value Strings(const std::vector<std::string>& strings) {
  json::Array out;
  for (const std::string& s : strings) out.emplace_back(s);
  return out;
}

void AppendText(std::string& out, const json::Value& value, std::size_t indent) {
  const json::Object* object = value.AsObject();
  if (object == nullptr) return;
  for (const auto& [key, member] : *object) {
    out += fmt::format("{:{}}{}:", "", indent, key);
    if (member.AsObject() != nullptr) {
      out += "\n";
      AppendText(out, member, indent + 2);
    } else if (const std::string* text = member.AsString()) {
      out += " " + *text + "\n";
    } else {
      out += " " + json::Write(member) + "\n";
    }
  }
}

}  // namespace

std::string_view OutcomeMark(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass: return "ok    ";
    case Outcome::kWarn: return "warn  ";
    case Outcome::kFail: return "FAIL  ";
    case Outcome::kWaived: return "waived";
  }
  return "FAIL  ";
}

std::string PlaceText(const ByteRange& where) {
  if (where.length == 0) return {};
  return fmt::format("  [bytes {} to {}]", where.offset, where.offset + where.length - 1);
}

std::string Headline(const Verdict& verdict) {
  const std::size_t all = verdict.checks.size();
  if (verdict.trusted) return fmt::format("TRUSTED  {} evidence, {} checks\n", verdict.scheme, all);
  const auto failed =
      std::count_if(verdict.checks.begin(), verdict.checks.end(),
                    [](const Check& check) { return check.outcome == Outcome::kFail; });
  return fmt::format("REFUSED  {} evidence, {} of {} checks failed\n", verdict.scheme, failed, all);
}

std::string MeaningText(const Verdict& verdict) {
  return Lines("This proves:", verdict.meaning.proves) +
         Lines("It does not prove:", verdict.meaning.does_not_prove);
}

json::Value VerdictJson(const Verdict& verdict) {
  json::Array checks;
  for (const Check& check : verdict.checks) {
    json::Object entry;
    entry.emplace_back("name", check.name);
    entry.emplace_back("outcome", OutcomeName(check.outcome));
    entry.emplace_back("expected", check.expected);
    entry.emplace_back("found", check.found);
    entry.emplace_back("clause", check.clause);
    if (check.outcome == Outcome::kFail) entry.emplace_back("advice", AdviceFor(check.name));
    if (check.where.length > 0) {
      entry.emplace_back("offset", std::uint64_t{check.where.offset});
      entry.emplace_back("length", std::uint64_t{check.where.length});
    }
    checks.emplace_back(std::move(entry));
  }
  json::Object out;
  out.emplace_back("trusted", verdict.trusted);
  out.emplace_back("scheme", verdict.scheme);
  out.emplace_back("checks", std::move(checks));
  out.emplace_back("claims", verdict.verified ? verdict.verified->claims() : Claims());
  out.emplace_back("proves", Strings(verdict.meaning.proves));
  out.emplace_back("doesNotProve", Strings(verdict.meaning.does_not_prove));
  return out;
}

std::string FailedText(const Verdict& verdict) { return ChecksWith(verdict, Outcome::kFail); }

std::string VerdictText(const Verdict& verdict) {
  return Headline(verdict) + FailedText(verdict) + ChecksWith(verdict, Outcome::kWarn) +
         ChecksWith(verdict, Outcome::kWaived) + MeaningText(verdict);
}

std::string ObjectText(const json::Value& value) {
  std::string out;
  AppendText(out, value, 0);
  return out;
}

}  // namespace assay::cli
