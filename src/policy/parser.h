// Policy tokens to a tree, by the grammar of azure-docs, attestation/claim-rule-grammar.md; the
// choices where the documents differ are in docs/policy.md.
//
//   policy     := "version" "=" integer "." integer ";" section*
//   section    := ("configurationrules" | "authorizationrules" | "issuancerules") "{" rule* "}" ";"
//   rule       := [condition ("&&" condition)*] "=>" verb "(" [assignment ("," assignment)*] ")"
//   ";" condition  := ["!"] [identifier ":"] "[" item ("," item)* "]" item       := property
//   operator expression assignment := (property | "claim") "=" expression expression := string |
//   integer | "true" | "false" | function "(" arguments ")"
//               | identifier ["." property]
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/ast.h"

namespace assay::policy {

Result<ast::Policy> ParsePolicy(std::string_view text);

}  // namespace assay::policy
