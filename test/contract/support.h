// Simulations of every registered scheme in every shape, judged.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "appraise/appraise.h"
#include "simulate/simulate.h"

namespace assay::contract {

using Names = std::vector<std::string>;

struct NamedShape {
  std::string name, kind;
  simulate::Shape shape;
};

inline void PrintTo(const NamedShape& shape, std::ostream* out) { *out << shape.name; }

// Every shape that verifies without a warning.
std::vector<NamedShape> AllShapes();

// `kind` as a caller may name it: the faults of some headers make evidence unrecognisable.
Result<Verdict> Judge(const simulate::Simulation& simulation, std::string_view kind = "");
Names FailedIn(const Verdict& verdict);
// Not judged at all, or refused.
bool Refuses(Appraiser& appraiser, const simulate::Simulation& simulation, View evidence,
             std::string_view kind = "");

const Check* Find(const Verdict& verdict, std::string_view name);

}  // namespace assay::contract
