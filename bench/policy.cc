#include "policy.h"

#include <fmt/core.h>

#include <cstdlib>
#include <string>

#include "policy/defaults.h"
#include "policy/policy.h"

namespace assay::bench {
namespace {

std::string Hex(int n) { return fmt::format("{:064x}", n); }

// As many claims, of the same types and sizes, as the service makes of an SGX quote.
std::vector<policy::Claim> SgxClaims() {
  const json::Object collateral{{"qeidcertshash", Hex(1)},    {"qeidcrlhash", Hex(2)},
                                {"qeidhash", Hex(3)},         {"quotehash", Hex(4)},
                                {"tcbinfocertshash", Hex(5)}, {"tcbinfocrlhash", Hex(6)},
                                {"tcbinfohash", Hex(7)}};
  return policy::ServiceClaims({{"x-ms-attestation-type", "sgx"},
                                {"x-ms-sgx-is-debuggable", false},
                                {"x-ms-sgx-mrsigner", Hex(8)},
                                {"x-ms-sgx-mrenclave", Hex(999)},
                                {"x-ms-sgx-product-id", 1},
                                {"x-ms-sgx-svn", 1},
                                {"x-ms-sgx-report-data", Hex(9) + Hex(0)},
                                {"x-ms-sgx-ehd", Hex(10)},
                                {"x-ms-sgx-collateral", collateral},
                                {"x-ms-ver", "1.0"}});
}

std::string AllowList(int rules) {
  std::string out = "version=1.0;authorizationrules{";
  for (int i = 0; i < rules; ++i) {
    out += fmt::format(
        "[type==\"x-ms-sgx-is-debuggable\", value==false] && "
        "[type==\"x-ms-sgx-mrenclave\", value==\"{}\"] && "
        "[type==\"x-ms-sgx-svn\", value>=1] => permit();\n",
        Hex(i));
  }
  return out + "};";
}

Measured MeasureOne(const char* name, const std::string& text, const std::function<void()>& floor,
                    double limit_us, int calls) {
  const policy::Policy compiled = policy::Policy::Compile(text).value();
  const std::vector<policy::Claim> claims = SgxClaims();
  const auto work = [&] {
    if (policy::Evaluate(compiled, claims).permitted) return;
    fmt::print(stderr, "bench: {} does not permit\n", name);
    std::exit(2);
  };
  return Measure({name, floor, {}, work, 0, 101, calls, limit_us});
}

}  // namespace

std::vector<Measured> MeasurePolicies(const std::function<void()>& floor) {
  using policy::AttestationType;
  const std::string text(*policy::DefaultPolicy(AttestationType::kSgxEnclave));
  return {MeasureOne("policy_default", text, floor, 10, 100),
          MeasureOne("policy_1000_rules", AllowList(1000), floor, 500, 5)};
}

}  // namespace assay::bench
