// `assay policy check`: whether a policy compiles, and what in it is likely a mistake.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/policy.h"
#include "policy/lint.h"

namespace assay::cli {
namespace {

// The number that begins at `at`, which is then moved behind it and one more character.
std::int64_t NumberAt(std::string_view text, std::size_t& at) {
  std::int64_t out = 0;
  const auto result = std::from_chars(text.data() + at, text.data() + text.size(), out);
  at = static_cast<std::size_t>(result.ptr - text.data()) + 1;
  return out;
}

// "policy:3:14: what\n  line\n  caret" as a finding.
json::Value ErrorJson(const Error& error) {
  const std::string& message = error.message;
  std::size_t at = message.find(':') + 1;
  const bool placed = message.starts_with("policy:");
  const std::int64_t line = placed ? NumberAt(message, at) : 1;
  const std::int64_t column = placed ? NumberAt(message, at) : 1;
  const std::size_t begin = placed ? std::min(at + 1, message.size()) : 0;
  const std::string what = message.substr(begin, message.find('\n', begin) - begin);
  return json::Object{{"severity", "error"}, {"id", "does-not-compile"}, {"line", line},
                      {"column", column},    {"message", what},          {"hint", error.hint}};
}

PolicyAnswer DoesNotCompile(const std::string& file, const Error& error) {
  PolicyAnswer out;
  out.exit_code = kExitRefused;
  out.text = "error: " + InFile(file, error.message) + "\n";
  if (!error.hint.empty()) out.text += "hint: " + error.hint + "\n";
  out.text += fmt::format("{}: does not compile\n", file);
  out.json = json::Object{
      {"file", file}, {"compiles", false}, {"findings", json::Array{ErrorJson(error)}}};
  return out;
}

json::Value FindingJson(const policy::Finding& finding) {
  return json::Object{{"severity", policy::Name(finding.severity)},
                      {"id", finding.id},
                      {"line", finding.place.line},
                      {"column", finding.place.column},
                      {"message", finding.message}};
}

}  // namespace

Result<PolicyAnswer> CheckPolicyFile(const Options& options) {
  std::optional<policy::AttestationType> type;
  if (!options.kind.empty()) type = TRY(PolicyTypeOf(options.kind));
  const std::string text = TRY(ReadPolicy(options.file));
  const auto compiled = policy::Policy::Compile(text);
  if (!compiled) return DoesNotCompile(options.file, compiled.error());

  const std::vector<policy::Finding> findings = policy::Lint(*compiled, type);
  PolicyAnswer out;
  json::Array list;
  std::size_t errors = 0;
  for (const policy::Finding& finding : findings) {
    if (finding.severity == policy::Severity::kError) ++errors;
    const std::string what = fmt::format("{} [{}]", finding.message, finding.id);
    out.text += fmt::format("{}: {}\n", policy::Name(finding.severity),
                            InFile(options.file, policy::Point(text, finding.place, what)));
    list.push_back(FindingJson(finding));
  }
  out.exit_code = errors > 0 ? kExitRefused : kExitTrusted;
  out.text += findings.empty() ? fmt::format("{}: no findings\n", options.file)
                               : fmt::format("{}: {} findings, {} of them errors\n", options.file,
                                             findings.size(), errors);
  out.json =
      json::Object{{"file", options.file}, {"compiles", true}, {"findings", std::move(list)}};
  return out;
}

}  // namespace assay::cli
