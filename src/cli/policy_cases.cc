// `assay policy test`: a folder of cases, each a policy, claims or evidence, and what is expected.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "appraise/admission.h"
#include "base/limits.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "policy/defaults.h"

namespace assay::cli {
namespace {

using Path = std::filesystem::path;

// Members that this build does not know are refused: a misspelt expectation must not pass.
Result<void> OnlyKnown(const json::Value& object, std::initializer_list<std::string_view> known,
                       std::string_view where) {
  if (object.AsObject() == nullptr) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected a JSON object", where));
  }
  for (const auto& [name, value] : *object.AsObject()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return Fail(ErrorCode::kMalformed, fmt::format("{}: unknown member \"{}\"", where, name),
                fmt::format("expected {}", fmt::join(known, ", ")));
  }
  return {};
}

Result<std::string> Text(const json::Value& object, std::string_view name) {
  if (object.Find(name) == nullptr) return std::string();
  return object.String(name, name);
}

Result<bool> Flag(const json::Value& object, std::string_view name) {
  const json::Value* value = object.Find(name);
  if (value == nullptr) return false;
  if (value->AsBool() == nullptr) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected true or false", name));
  }
  return *value->AsBool();
}

// A path beside the case, a text, or nothing: the default of the type.
Result<policy::Policy> PolicyOf(const json::Value& test, const Path& folder) {
  const std::string given = TRY(Text(test, "policy"));
  if (given.find(';') != std::string::npos) return policy::Policy::Compile(given);
  if (!given.empty()) return LoadPolicy((folder / given).string());
  const auto type = TRY(PolicyTypeOf(TRY(Text(test, "type"))));
  const auto text = policy::DefaultPolicy(type);
  if (text) return policy::Policy::Compile(*text);
  return Fail(ErrorCode::kMissing, "policy: its type has no default");
}

std::string SchemeOf(policy::AttestationType type) {
  switch (type) {
    case policy::AttestationType::kSgxEnclave:
    case policy::AttestationType::kOpenEnclave: return "sgx";
    case policy::AttestationType::kTdxVm: return "tdx";
    case policy::AttestationType::kSevSnpVm: return "snp";
    default: return {};
  }
}

Result<Options> EvidenceOptions(const json::Value& test, const Path& folder) {
  const auto beside = [&](const std::string& path) {
    return path.empty() ? path : (folder / path).string();
  };
  Options out;
  const std::string type = TRY(Text(test, "type"));
  if (!type.empty()) out.kind = SchemeOf(TRY(PolicyTypeOf(type)));
  out.evidence = beside(TRY(Text(test, "evidence")));
  out.collateral = beside(TRY(Text(test, "collateral")));
  out.at = TRY(Text(test, "at"));
  const std::string root = TRY(Text(test, "trustRoot"));
  if (!root.empty()) out.trust_roots.push_back(beside(root));
  out.report_data = TRY(Text(test, "reportData"));
  out.allow_missing_crl = TRY(Flag(test, "allowMissingCrl"));
  out.allow_debug = TRY(Flag(test, "allowDebug"));
  return out;
}

// Of evidence that does not verify: a denial.
Result<policy::Evaluation> Evaluated(const json::Value& test, const Path& folder) {
  const policy::Policy compiled = TRY(PolicyOf(test, folder));
  const json::Value* claims = test.Find("claims");
  if ((claims == nullptr) == (test.Find("evidence") == nullptr)) {
    return Fail(ErrorCode::kMalformed, "expected either \"claims\" or \"evidence\"");
  }
  if (claims != nullptr) return policy::Evaluate(compiled, TRY(ClaimsFromJson(*claims)));
  const EvidenceAnswer evidence = TRY(JudgeEvidence(TRY(EvidenceOptions(test, folder))));
  if (evidence.verified) return Admit(compiled, *evidence.verified, TokenContext{});
  policy::Evaluation denied;
  denied.explanation.summary = "denied: the evidence does not verify";
  return denied;
}

std::map<std::string, std::string> ByName(const json::Object& object) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : object) out[name] = json::Write(value);
  return out;
}

// Empty when the evaluation is what the case expects.
Result<std::string> Complaint(const json::Value& expect, const policy::Evaluation& found) {
  TRY_VOID(OnlyKnown(expect, {"permitted", "issued", "rule"}, "expect"));
  if (expect.Find("permitted") == nullptr) {
    return Fail(ErrorCode::kMalformed, "expect.permitted: expected true or false, found none");
  }
  if (TRY(Flag(expect, "permitted")) != found.permitted) return found.explanation.summary;
  if (const json::Value* issued = expect.Find("issued")) {
    if (issued->AsObject() == nullptr) {
      return Fail(ErrorCode::kMalformed, "expect.issued: expected a JSON object");
    }
    if (ByName(*issued->AsObject()) != ByName(found.issued)) {
      return "issued " + json::Write(found.issued);
    }
  }
  if (expect.Find("rule") != nullptr) {
    const std::int64_t wanted = TRY(expect.Int("rule", "expect.rule"));
    const auto& rule = found.explanation.rule;
    if (!rule) return fmt::format("no rule decided, expected that on line {}", wanted);
    if (rule->place.line != wanted) {
      return fmt::format("the rule on line {} decided, expected that on line {}", rule->place.line,
                         wanted);
    }
  }
  return std::string();
}

Result<std::string> RunCase(const Path& path) {
  const Bytes content = TRY(ReadFile(path, limits::kEvidenceBytes));
  const json::Value test = TRY(json::Parse(AsText(content)));
  TRY_VOID(OnlyKnown(test,
                     {"policy", "type", "claims", "evidence", "collateral", "at", "trustRoot",
                      "reportData", "allowMissingCrl", "allowDebug", "expect"},
                     "case"));
  const std::string type = TRY(Text(test, "type"));
  if (!type.empty()) TRY(PolicyTypeOf(type));
  const json::Value* expect = test.Find("expect");
  if (expect == nullptr) return Fail(ErrorCode::kMalformed, "expect: expected an object");
  return Complaint(*expect, TRY(Evaluated(test, path.parent_path())));
}

Result<std::vector<Path>> CasesIn(const std::string& folder) {
  std::error_code error;
  std::vector<Path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  }
  if (error)
    return Fail(ErrorCode::kIo, fmt::format("cannot read {}: {}", folder, error.message()));
  if (out.empty()) return Fail(ErrorCode::kMissing, fmt::format("{}: no cases (*.json)", folder));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Result<PolicyAnswer> TestPolicies(const Options& options) {
  const std::vector<Path> paths = TRY(CasesIn(options.file));
  PolicyAnswer out;
  json::Array cases;
  std::size_t failed = 0;
  for (const Path& path : paths) {
    const Result<std::string> complaint = RunCase(path);
    const std::string why = complaint ? *complaint : complaint.error().message;
    if (!why.empty()) ++failed;
    const std::string name = path.stem().string();
    out.text +=
        why.empty() ? fmt::format("ok    {}\n", name) : fmt::format("FAIL  {}: {}\n", name, why);
    cases.emplace_back(json::Object{{"name", name}, {"passed", why.empty()}, {"why", why}});
  }
  out.text += fmt::format("{} passed, {} failed\n", paths.size() - failed, failed);
  out.exit_code = failed == 0 ? kExitTrusted : kExitRefused;
  out.json = json::Object{{"passed", std::uint64_t{paths.size() - failed}},
                          {"failed", std::uint64_t{failed}},
                          {"cases", std::move(cases)}};
  return out;
}

}  // namespace assay::cli
