// `assay explain`: the whole trace of a verdict as a tree, from the vendor's root to the evidence.
#pragma once

#include <string>

#include "appraise/appraise.h"

namespace assay::cli {

std::string ExplainText(const Verdict& verdict);

}  // namespace assay::cli
