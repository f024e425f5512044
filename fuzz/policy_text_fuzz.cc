// Any text as a policy: refused with a place, or compiled, linted, compared, written and run.
#include <cstdlib>

#include "base/bytes.h"
#include "policy/diff.h"
#include "policy/lint.h"
#include "policy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay::policy;
  const std::string_view text = assay::AsText(std::as_bytes(std::span(data, size)));
  const auto policy = Policy::Compile(text);
  if (!policy) {
    if (policy.error().message.empty()) std::abort();
    return 0;
  }
  for (const Finding& one : Lint(*policy, AttestationType::kSgxEnclave)) {
    (void)Point(policy->text(), one.place, one.message);
  }
  if (!Compare(*policy, *policy).empty()) std::abort();
  // Rules written in canonical form are the same rules again.
  std::string again = "version=1.2;";
  for (const auto section :
       {ast::Section::kConfiguration, ast::Section::kAuthorization, ast::Section::kIssuance}) {
    again += std::string(ast::Name(section)) + "{";
    for (const ast::Rule& rule : policy->ast().rules(section)) again += ast::Write(rule);
    again += "};";
  }
  const auto rewritten = Policy::Compile(again);
  if (rewritten && !Compare(*policy, *rewritten).changes.empty()) std::abort();
  if (!rewritten && again.size() < assay::limits::kPolicyBytes) std::abort();
  const auto claims = ServiceClaims({{"a", 1}, {"b", "x"}, {"x-ms-sgx-is-debuggable", true}});
  const Evaluation result = Evaluate(*policy, claims);
  if (!result.permitted && !result.issued.empty()) std::abort();
  return 0;
}
