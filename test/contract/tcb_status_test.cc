// Every TCB status of Intel's documents: what is trusted, what is trusted with a warning, what is
// refused, and how the statuses of platform, TDX module and quoting enclave become one.
#include <fmt/format.h>

#include "contract/support.h"

namespace assay::contract {
namespace {

struct Case {
  std::string kind;
  simulate::Shape shape;
  std::string converged;
  Outcome outcome;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.kind << " " << one.converged; }

simulate::Shape Platform(const char* status) { return {.tcb_status = status}; }
simulate::Shape Qe(const char* platform, const char* qe) {
  return {.tcb_status = platform, .qe_status = qe};
}
simulate::Shape Module(const char* platform, const char* module) {
  return {.tcb_status = platform, .module_status = module};
}
simulate::Shape Relaunch(const char* platform) {
  return {.relaunch = true, .tcb_status = platform};
}

std::vector<Case> Cases() {
  using enum Outcome;
  std::vector<Case> out;
  for (const char* kind : {"sgx", "tdx"}) {
    for (const auto& [status, outcome] :
         {std::pair("UpToDate", kPass), std::pair("SWHardeningNeeded", kWarn),
          std::pair("ConfigurationNeeded", kWarn),
          std::pair("ConfigurationAndSWHardeningNeeded", kWarn), std::pair("OutOfDate", kFail),
          std::pair("OutOfDateConfigurationNeeded", kFail), std::pair("Revoked", kFail)}) {
      out.push_back({kind, Platform(status), status, outcome});
    }
    out.push_back({kind, Qe("UpToDate", "OutOfDate"), "OutOfDate", kFail});
    out.push_back({kind, Qe("SWHardeningNeeded", "OutOfDate"), "OutOfDate", kFail});
    out.push_back(
        {kind, Qe("ConfigurationNeeded", "OutOfDate"), "OutOfDateConfigurationNeeded", kFail});
    out.push_back({kind, Qe("UpToDate", "Revoked"), "Revoked", kFail});
  }
  out.push_back({"tdx", Module("UpToDate", "OutOfDate"), "OutOfDate", kFail});
  out.push_back({"tdx", Module("ConfigurationAndSWHardeningNeeded", "OutOfDate"),
                 "OutOfDateConfigurationNeeded", kFail});
  out.push_back({"tdx", Module("UpToDate", "Revoked"), "Revoked", kFail});
  // Launched under an old module, which is current now: the TD itself must be launched anew.
  out.push_back({"tdx", Relaunch("UpToDate"), "TDRelaunchAdvised", kFail});
  out.push_back({"tdx", Relaunch("SWHardeningNeeded"), "TDRelaunchAdvised", kFail});
  out.push_back(
      {"tdx", Relaunch("ConfigurationNeeded"), "TDRelaunchAdvisedConfigurationNeeded", kFail});
  out.push_back({"tdx", Relaunch("OutOfDate"), "OutOfDate", kFail});
  out.push_back({"tdx", Relaunch("Revoked"), "Revoked", kFail});
  return out;
}

class TcbStatuses : public testing::TestWithParam<Case> {};

TEST_P(TcbStatuses, AreJudgedByThatCheckAlone) {
  const Case& one = GetParam();
  const Verdict verdict = Judge(simulate::Simulate(one.kind, "", one.shape).value()).value();
  const Check* check = Find(verdict, "tcb.status");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->outcome, one.outcome);
  EXPECT_EQ(check->found, one.converged);
  const bool refused = one.outcome == Outcome::kFail;
  EXPECT_EQ(verdict.trusted, !refused);
  EXPECT_EQ(FailedIn(verdict), refused ? Names{"tcb.status"} : Names{});
}

std::string NameOf(const testing::TestParamInfo<Case>& instance) {
  const Case& one = instance.param;
  return fmt::format("{}{}{}Module{}Qe{}", one.kind, one.shape.relaunch ? "Relaunch" : "",
                     one.shape.tcb_status, one.shape.module_status, one.shape.qe_status);
}

INSTANTIATE_TEST_SUITE_P(All, TcbStatuses, testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace assay::contract
