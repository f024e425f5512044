// Any JSON as claims, against policies that use the whole language.
#include <cstdlib>

#include "base/bytes.h"
#include "policy/defaults.h"
#include "policy/policy.h"

namespace {

using assay::policy::Policy;

constexpr std::string_view kWhole = R"(version=1.2;
configurationrules{ c:[type=="mask"] => issueproperty(type="required_pcr_mask", value=c.value); };
authorizationrules{
  [type=="bad", value==true] => deny();
  a:[type=="a"] && b:[type=="b", value!=a.value, value>=0] && ![type=="c"] => permit();
  a:[value==1] => add(type="one", value=a.type);
  [type=="ok", valueType=="Boolean", issuer!="CustomClaim"] => permit();
};
issuancerules{
  c:[type=="pcrs"] => issue(type="match", value=ContainsOnlyValue(JsonToClaimValue(JmesPath(c.value, "[*].x")), "y"));
  c:[type=="json"] => add(type="found", value=JmesPath(c.value, "x[?y > `1`].z | [0]"));
  c:[type=="found", value!="null"] => issue(type="z", value=JsonToClaimValue(c.value));
  c:[type=="query"] && d:[type=="json"] => issue(type="q", value=JmesPath(d.value, c.value));
  c:[type=="text"] => issue(type=AppendString("p-", c.type), value=AppendString(c.value, c.value));
  c:[type=="flag"] => issue(type="not", value=NegateBool(c.value));
  a:[type=="a"] && b:[type=="b"] => issue(type="subset", value=IsSubsetOf(a.value, b.value));
  c:[issuer=="AttestationService"] => issue(claim=c);
};)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay::policy;
  static const Policy kPolicies[] = {
      Policy::Compile(kWhole).value(),
      Policy::Compile(*DefaultPolicy(AttestationType::kSgxEnclave)).value()};
  const auto document = assay::json::Parse(assay::AsText(std::as_bytes(std::span(data, size))));
  if (!document || document->AsObject() == nullptr) return 0;
  const std::vector<Claim> claims = ServiceClaims(*document->AsObject());
  for (const Policy& policy : kPolicies) {
    const Evaluation result = Evaluate(policy, claims);
    if (!result.permitted && !result.issued.empty()) std::abort();
    if (result.explanation.summary.empty()) std::abort();
    for (const auto& [name, value] : result.issued) {
      if (name == "pcrs") std::abort();  // read-only
      (void)assay::json::Write(value);
    }
  }
  return 0;
}
