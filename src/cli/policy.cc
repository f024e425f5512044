// What the commands of `assay policy` share, and their printing.
#include "cli/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <map>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"

namespace assay::cli {
namespace {

using policy::AttestationType;

struct TypeName {
  std::string_view name;
  AttestationType type;
};

constexpr std::array kTypes = std::to_array<TypeName>({
    {"sgx", AttestationType::kSgxEnclave},
    {"openenclave", AttestationType::kOpenEnclave},
    {"tdx", AttestationType::kTdxVm},
    {"snp", AttestationType::kSevSnpVm},
    {"azureguest", AttestationType::kAzureGuest},
    {"tpm", AttestationType::kTpm},
    {"vbs", AttestationType::kVbsEnclave},
});

Result<int> Print(const Options& options, const Result<PolicyAnswer>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(answer->json));
  } else {
    fmt::print("{}", answer->text);
  }
  return answer->exit_code;
}

Result<std::string> StandardInput() {
  // A policy or claims, no evidence of a machine.
  std::string text(limits::kCollateralFileBytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.size() > limits::kCollateralFileBytes) {
    return Fail(ErrorCode::kMalformed, fmt::format("standard input is larger than {} bytes",
                                                   limits::kCollateralFileBytes));
  }
  return text;
}

}  // namespace

Result<AttestationType> PolicyTypeOf(std::string_view name) {
  const auto it = std::find_if(kTypes.begin(), kTypes.end(),
                               [&](const TypeName& one) { return one.name == name; });
  if (it != kTypes.end()) return it->type;
  if (const auto type = policy::FindAttestationType(name)) return *type;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("unknown attestation type \"{}\"", name),
              "expected sgx, openenclave, tdx, snp, azureguest, tpm or vbs");
}

Result<std::string> ReadPolicy(const std::string& path) {
  return std::string(AsText(TRY(ReadFile(path, limits::kPolicyBytes))));
}

std::string InFile(const std::string& path, std::string message) {
  constexpr std::string_view kPrefix = "policy:";
  if (message.starts_with(kPrefix)) message.replace(0, kPrefix.size() - 1, path);
  return message;
}

Result<policy::Policy> LoadPolicy(const std::string& path) {
  auto compiled = policy::Policy::Compile(TRY(ReadPolicy(path)));
  if (!compiled) compiled.error().message = InFile(path, std::move(compiled.error().message));
  return compiled;
}

Result<PolicySet> LoadPolicySet(const std::vector<std::string>& given) {
  std::map<AttestationType, std::string> texts;
  for (const std::string& one : given) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("--policy {}: expected TYPE=FILE", one));
    }
    const AttestationType type = TRY(PolicyTypeOf(one.substr(0, equals)));
    if (type > AttestationType::kSevSnpVm) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("--policy {}: this build attests no evidence of that type", one),
                  "expected sgx, openenclave, tdx or snp");
    }
    // Compiled here for the error, which names the file.
    const policy::Policy compiled = TRY(LoadPolicy(one.substr(equals + 1)));
    if (!texts.emplace(type, compiled.text()).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("--policy: {} is given twice", policy::Name(type)));
    }
  }
  return PolicySet::Make(texts);
}

Result<std::vector<policy::Claim>> ClaimsFromJson(const json::Value& document) {
  std::vector<policy::Claim> out;
  if (const json::Object* object = document.AsObject()) {
    out = policy::ServiceClaims(*object);
  } else if (const json::Array* array = document.AsArray()) {
    for (const json::Value& one : *array) {
      policy::Claim claim;
      claim.type = TRY(one.String("type", "claim.type"));
      const json::Value* value = one.Find("value");
      if (value == nullptr) return Fail(ErrorCode::kMalformed, "claims: a claim without value");
      claim.value = *value;
      claim.issuer = policy::kAttestationService;
      if (one.Find("issuer") != nullptr) claim.issuer = TRY(one.String("issuer", "claim.issuer"));
      claim.read_only = claim.type == "pcrs";
      out.push_back(std::move(claim));
    }
  } else {
    return Fail(ErrorCode::kMalformed, "claims: expected a JSON object or array",
                R"({"x-ms-sgx-svn": 3}, or [{"type", "value", "issuer"}])");
  }
  policy::AddDeprecatedNames(out);
  return out;
}

Result<int> RunPolicyCheck(const Options& options) {
  return Print(options, CheckPolicyFile(options));
}
Result<int> RunPolicyEval(const Options& options) {
  return Print(options, EvaluatePolicyFile(options));
}
Result<int> RunPolicyTest(const Options& options) { return Print(options, TestPolicies(options)); }
Result<int> RunPolicyDiff(const Options& options) { return Print(options, DiffPolicies(options)); }
Result<int> RunPolicyImpact(const Options& options) {
  return Print(options, MeasureImpact(options));
}
Result<int> RunPolicyQuery(const Options& options) {
  return Print(options, QueryJson(options.expression, TRY(StandardInput())));
}

}  // namespace assay::cli
