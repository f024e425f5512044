// What the resources for policies and for their signers share.
#pragma once

#include <functional>
#include <string>

#include "api/resources.h"
#include "base/json.h"
#include "provider/management_token.h"

namespace assay {

// The claims of the answer, or the refusal.
using ManagementAnswer = tl::expected<json::Object, ApiError>;

// {"token": …} of the claims, signed by the provider; or the refusal.
HttpResponse Respond(const Call& call, const ManagementAnswer& answer);

// As Azure has it: a change that cannot be made is an InvalidOperation (troubleshoot-guide.md, 2.4
// and 2.5). A failure to read or write the store stays inside.
ApiError ManagementRefused(const Error& error);

// A token that a client sent, and the state of the provider it was judged by.
struct AdmittedChange {
  ProviderState state;
  ManagementToken token;
};
Result<AdmittedChange> ReadChange(const Call& call);

// Decides again when somebody else changed the provider meanwhile; a few times, then 409.
ManagementAnswer Retried(const std::function<ManagementAnswer()>& decide);

// {"alg", "kty", "use", "x5c"} of a certificate, as recorded from Azure.
json::Object CertificateJwk(const Certificate& certificate);

}  // namespace assay
