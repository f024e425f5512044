// Every fault in every shape: what fails alone in the usual evidence fails alone in all of it.
#include <fmt/format.h>

#include "contract/support.h"

namespace assay::contract {
namespace {

// Faults that a shape cannot have.
bool Applies(const NamedShape& shape, std::string_view fault) {
  const bool vcek_needed = fault == "leaf.hwid";
  if (shape.shape.vlek && vcek_needed) return false;
  // CPUID is in reports of version 3 and later.
  if (shape.kind == "snp" && shape.shape.version == 2 && fault == "report.product") return false;
  // TCB info of version 2 has no id, so it cannot have a wrong one.
  if (shape.shape.tcb_info_version == 2 && fault == "tcb_info.id") return false;
  // Bound to the certificate's key, REPORTDATA cannot bind what stands behind the quote.
  return !(shape.shape.wrapper == simulate::Wrapper::kRaTls && fault == "quote.trailing");
}

class ShapeFaults : public testing::TestWithParam<NamedShape> {};

TEST_P(ShapeFaults, EachFailsItsOwnCheckAndNoOther) {
  std::size_t shown = 0;
  for (const std::string& fault : simulate::FaultsOf(GetParam().kind)) {
    if (!Applies(GetParam(), fault)) continue;
    const auto simulation = simulate::Simulate(GetParam().kind, fault, GetParam().shape);
    ASSERT_TRUE(simulation.has_value()) << fault;
    const auto verdict = Judge(*simulation, GetParam().kind);
    ASSERT_TRUE(verdict.has_value()) << fault << ": " << verdict.error().message;
    EXPECT_FALSE(verdict->trusted) << fault;
    EXPECT_EQ(FailedIn(*verdict), Names{fault});
    ++shown;
  }
  fmt::print("{}: {} faults shown\n", GetParam().name, shown);
  EXPECT_GE(shown, 20U);
}

INSTANTIATE_TEST_SUITE_P(Every, ShapeFaults, testing::ValuesIn(AllShapes()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace assay::contract
