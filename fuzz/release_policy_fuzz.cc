// Any text as a release policy: refused with a place, or evaluated; and any JSON as the claims of a
// token, searched for the key to wrap to. The first byte chooses what is read.
#include <cstdlib>

#include "base/limits.h"
#include "release/evaluate.h"
#include "release/runtime_key.h"

namespace {

using namespace assay;
using namespace assay::release;

constexpr std::string_view kClaims =
    R"({"a":1,"b":"x","c":{"a":true,"b":null,"c":{"a":1.5}},"d":[1],"c.a":false})";

void RunPolicy(std::string_view text) {
  const auto policy = ParseReleasePolicy(text);
  if (!policy) {
    if (!policy.error().message.starts_with("release policy: ")) std::abort();
    return;
  }
  const json::Value claims = json::Parse(kClaims).value();
  std::vector<AuthorityClaims> said;
  // Without a token nothing is satisfied, whatever the policy says.
  if (Evaluate(*policy, said).branch) std::abort();
  for (const Branch& branch : policy->any_of) {
    if (branch.authorities.empty()) std::abort();
    said.push_back({branch.authorities.front().issuer, &claims});
  }
  const Evaluation result = Evaluate(*policy, said);
  if (result.findings.size() > limits::kReleaseExplained) std::abort();
  if (result.branch && *result.branch >= policy->any_of.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = AsText(std::as_bytes(std::span(data + 1, size - 1)));
  if (data[0] % 4 != 0) {
    RunPolicy(text);
    return 0;
  }
  const auto claims = json::Parse(text);
  if (!claims) return 0;
  const auto key = FindRuntimeKey(*claims);
  if (key && key->kid.empty()) std::abort();
  return 0;
}
