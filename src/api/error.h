// Refusals in Azure's shape: {"error":{"code","message"}}, with the failed checks, or what the
// policy found, beside them.
#pragma once

#include <string_view>
#include <vector>

#include "access/gate.h"
#include "base/json.h"
#include "evidence/trace.h"
#include "net/http_server.h"

namespace assay {

struct ApiError {
  unsigned status = 400;
  std::string code;  // stable: clients branch on it
  std::string message;
  std::vector<Check> failed_checks;  // why evidence was denied; empty for other errors
  json::Object policy = {};          // why a policy denied; empty for other errors
  json::Array drift = {};            // how a machine is not what it should be; likewise
  std::string inner = {};            // code of "innererror", as Key Vault has it; may be empty
  json::Object place = {};           // in the ledger, of a denial; empty where it is not recorded
};

HttpResponse ToResponse(const ApiError& error);
// With the challenge of RFC 9110 §11.6.1 when the caller is not known.
HttpResponse RefusalResponse(const access::Refusal& refusal);

}  // namespace assay
